import { count, round } from './statistics.mjs';

const WIDTH = 760;
const LABEL = 210;
const BAR = WIDTH - LABEL - 150;
const ROW = 30;
const HEAD = 34;

/** One group of bars per measurement, each scaled to its longest; an SVG that takes the page's light or dark. Without measurements it throws. */
export function drawChart({ machine, measuredAt, quick, W3, F100, idle }) {
  const groups = [
    throughput('W3: three steps, 500 runs in flight', W3),
    throughput('F100: a hundred at once, 8 runs in flight', F100),
    latency(idle),
  ];
  const drawn = groups.filter((group) => group !== null);
  if (drawn.length === 0) throw new Error('a chart needs W3, F100 or idle; none was measured');
  const parts = [];
  let y = 10;
  for (const { title, unit, bars } of drawn) {
    parts.push(`<text class="title" x="10" y="${y + 18}">${escape(`${title} (${unit})`)}</text>`);
    const longest = Math.max(...bars.map(({ value }) => value));
    y += HEAD;
    for (const { name, value, text, kind } of bars) {
      parts.push(
        `<text x="10" y="${y + 15}">${escape(name)}</text>`,
        `<rect class="${kind}" x="${LABEL}" y="${y}" width="${round(Math.max(1, (BAR * value) / longest))}" height="20" rx="3"/>`,
        `<text x="${LABEL + round((BAR * value) / longest) + 8}" y="${y + 15}">${escape(text)}</text>`,
      );
      y += ROW;
    }
    y += 8;
  }
  const foot = `${machine.cpus} × ${machine.cpu} · Node ${machine.node} · fdatasync ${round(machine.fdatasyncMs, 2)} ms · ${measuredAt.slice(0, 10)}${quick ? ' · quick look' : ''}`;
  parts.push(`<text class="foot" x="10" y="${y + 14}">${escape(foot)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 26}" width="${WIDTH}" role="img" aria-label="Tutti beside the ceiling of the same appends">
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 } .foot { font-size: 11px; fill: #57606a }
.tutti { fill: #1f6feb } .rest { fill: #8250df } .ceiling { fill: #8c959f }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .foot { fill: #8b949e } .tutti { fill: #58a6ff } .rest { fill: #bc8cff } .ceiling { fill: #6e7681 } }
</style>
${parts.join('\n')}
</svg>
`;
}

function throughput(title, found) {
  if (found === undefined) return null;
  const bar = (name, kind, { stepsPerSecond }, note = '') => ({
    name,
    kind,
    value: stepsPerSecond,
    text: `${count(stepsPerSecond)}${note}`,
  });
  const { byCalls, byRest, ceiling, ratio } = found;
  return {
    title,
    unit: 'steps a second, more is better',
    bars: [
      bar('Tutti, by calls', 'tutti', byCalls, ` (${round(ratio.median, 2)} of it)`),
      bar('Tutti, by REST', 'rest', byRest),
      bar('ceiling: SQLite alone', 'ceiling', ceiling),
    ],
  };
}

function latency(found) {
  if (found === undefined) return null;
  const bar = (name, kind, { medianMs }) => ({ name, kind, value: medianMs, text: `${round(medianMs, 2)} ms` });
  return {
    title: 'One W3 alone',
    unit: 'median milliseconds, less is better',
    bars: [
      bar('Tutti, by calls', 'tutti', found.byCalls),
      bar('Tutti, by REST', 'rest', found.byRest),
      bar('ceiling: SQLite alone', 'ceiling', found.ceiling),
    ],
  };
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
