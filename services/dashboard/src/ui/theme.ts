import { Badge, Button, createTheme, Table, Tabs, Tooltip, type CSSVariablesResolver } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  // White text on these has a contrast of at least 4.5.
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'sm',
  radius: { sm: '6px', md: '8px' },
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.5' },
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
      h4: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h5: { fontSize: '0.875rem', lineHeight: '1.4' },
      h6: { fontSize: '0.8125rem', lineHeight: '1.4' },
    },
  },
  focusRing: 'auto',
  cursorType: 'pointer',
  components: {
    Badge: Badge.extend({ styles: { label: { overflow: 'hidden', textOverflow: 'ellipsis' } } }),
    Button: Button.extend({ styles: { root: { fontWeight: 550 } } }),
    Table: Table.extend({ defaultProps: { fz: 'sm', horizontalSpacing: 'sm' } }),
    Tabs: Tabs.extend({ styles: { tab: { fontSize: 'var(--mantine-font-size-sm)', fontWeight: 550 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, fz: 'xs', multiline: true, maw: 420 } }),
  },
});

/** The library's pale texts have too little contrast to be read by everybody. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...{ '--mantine-color-dimmed': '#5a6169', '--mantine-color-placeholder': '#646b72', '--mantine-color-error': '#b02525' },
    ...{ '--mantine-color-default-border': '#dfe2e6', '--tutti-sunken': '#f6f7f9', '--tutti-hover': '#f3f4f7' },
  },
  dark: {
    ...{ '--mantine-color-body': '#17181b', '--mantine-color-text': '#dcdee2' },
    ...{ '--mantine-color-dimmed': '#a4abb3', '--mantine-color-placeholder': '#8f969d', '--mantine-color-error': '#ff9a9a' },
    ...{ '--mantine-color-anchor': '#a5b5ff', '--mantine-color-default': '#212327', '--mantine-color-default-hover': '#2a2d32' },
    ...{ '--mantine-color-default-border': '#34373d', '--tutti-sunken': '#1e2024', '--tutti-hover': '#1f2125' },
  },
});
