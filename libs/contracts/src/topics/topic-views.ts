import { DEFAULT_POOL } from '../messages/topics.js';
import { messagesTopicView } from './messages-topic-view.js';
import { taskTopicView } from './task-topic-view.js';
import type { RecordedTopicView } from './topic-view.js';

/** Every topic that is made from the log: whichever process opens the bus of a data folder declares these. */
export const TOPIC_VIEWS: readonly RecordedTopicView[] = [taskTopicView(DEFAULT_POOL), messagesTopicView];
