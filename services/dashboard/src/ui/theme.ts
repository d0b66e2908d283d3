import { createTheme, type CSSVariablesResolver } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  // White text on these has a contrast of at least 4.5.
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'md',
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650' },
  focusRing: 'auto',
  cursorType: 'pointer',
});

/** The library's pale texts have too little contrast to be read by everybody. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-dimmed': '#545b62', '--mantine-color-placeholder': '#646b72', '--mantine-color-error': '#b02525' },
  dark: {
    '--mantine-color-dimmed': '#aeb4ba',
    '--mantine-color-placeholder': '#979da3',
    '--mantine-color-error': '#ff9a9a',
    '--mantine-color-anchor': '#9db0ff',
  },
});
