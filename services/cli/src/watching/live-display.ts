import type { Cancel } from '@tutti/kernel';
import type { Api } from '../api/api.js';
import type { Cli } from '../cli.js';
import { renderRunView } from '../run-view/run-view.render.js';
import type { RunViewState } from '../run-view/run-view.state.js';
import { lineWidth, paintLine, type Line } from '../terminal/line.js';
import { createLiveRegion, type DrawnLine } from '../terminal/live-region.js';
import { createInlineApprovals } from './inline-approvals.js';
import type { RunDisplay } from './run-display.js';

const FRAME_MS = 100;
const PREVIEW_LINES = 8;
const LEAST_PREVIEW_LINES = 2;

interface LiveOptions {
  /** Asks about waiting approvals when given and the keyboard is a terminal. */
  readonly answerWith?: Pick<Api, 'getApproval' | 'decideApproval'>;
}

/** The run as a tree that is drawn in place, ten times a second while it goes on. */
export function createLiveDisplay(cli: Cli, initial: RunViewState, options: LiveOptions): RunDisplay {
  const { stdout, keyboard, runtime } = cli.environment;
  const region = createLiveRegion(stdout);
  let state = initial;
  let notice: string | undefined;
  // An answer may still come in when the run has ended; nothing is drawn then any more.
  let closed = false;
  let stopTick: Cancel = () => {};
  const approvals =
    options.answerWith !== undefined && keyboard.isTty
      ? createInlineApprovals({ api: options.answerWith, keyboard, redraw: () => draw(false) })
      : null;

  const draw = (whole: boolean): void => {
    if (closed) return;
    // The last column stays free: some terminals wrap when it is filled.
    const width = Math.max(20, stdout.columns() - 1);
    const height = Math.max(3, stdout.rows() - 1);
    const question = whole || approvals === null ? [] : approvals.lines(height > 20 ? PREVIEW_LINES : LEAST_PREVIEW_LINES);
    const lines = renderRunView(state, {
      width,
      height: whole ? 0 : Math.max(2, height - question.length),
      nowMs: cli.now(),
      ...(notice === undefined ? {} : { notice }),
      ...(approvals === null || whole ? {} : { handledApprovals: approvals.handled() }),
    });
    const all = [...lines, ...question];
    region.draw((whole ? all : all.slice(0, height)).map((line) => drawn(line, width, cli)));
  };
  const tick = (): void => {
    draw(false);
    stopTick = runtime.timers.after(FRAME_MS, tick);
  };
  const stopResize = stdout.onResize(() => draw(false));
  tick();

  return {
    event(_event, changed) {
      state = changed;
      approvals?.update(changed);
    },
    below(changed) {
      state = changed;
      approvals?.update(changed);
    },
    lost(attempt, reason) {
      notice = `connection lost (${reason}), attempt ${attempt}`;
    },
    connected() {
      notice = undefined;
    },
    close(last) {
      state = last;
      stopTick();
      stopResize();
      approvals?.close();
      draw(true);
      closed = true;
      region.close();
    },
  };
}

function drawn(line: Line, width: number, cli: Cli): DrawnLine {
  return { text: paintLine(line, width, cli.style), width: Math.min(width, lineWidth(line)) };
}
