import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import './ui/base.css';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { takeToken } from './session/session.js';
import { styleNonce } from './system/style-nonce.js';

// Of what the components put into the document, the gateway's policy lets in styles with its nonce alone.
setNonce(styleNonce());
const token = takeToken(location, (address) => history.replaceState(null, '', address));
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element "root"');
createRoot(root).render(
  <StrictMode>
    <App token={token} />
  </StrictMode>,
);
