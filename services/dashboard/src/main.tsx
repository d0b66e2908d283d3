import '@mantine/core/styles.css';
import '@xyflow/react/dist/style.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { takeToken } from './session/session.js';

takeToken(location, sessionStorage, (address) => history.replaceState(null, '', address));
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element "root"');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
