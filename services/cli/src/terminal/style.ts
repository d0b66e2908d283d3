export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

type Paint = (text: string) => string;
export type StyleName = keyof Style;

export type ColorChoice = 'auto' | 'always' | 'never';

const ESCAPE = '\u001b[';

export function createStyle(enabled: boolean): Style {
  const paint = (on: number, off: number): Paint =>
    enabled ? (text) => (text === '' ? '' : `${ESCAPE}${on}m${text}${ESCAPE}${off}m`) : (text) => text;
  return { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39), yellow: paint(33, 39), cyan: paint(36, 39) };
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The choice on the command line wins, then NO_COLOR and FORCE_COLOR (no-color.org, force-color.org), then what the terminal can do. */
export function wantsColor(choice: ColorChoice, isTty: boolean, env: Variables): boolean {
  if (choice !== 'auto') return choice === 'always';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return isTty && env['TERM'] !== 'dumb';
}

/** Whether lines can be drawn over: a terminal that moves its cursor, watched by somebody. */
export function canRedraw(isTty: boolean, env: Variables): boolean {
  const inCi = (env['CI'] ?? '') !== '' && env['CI'] !== 'false' && env['CI'] !== '0';
  return isTty && env['TERM'] !== 'dumb' && !inCi;
}
