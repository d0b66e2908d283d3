import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

// `npx vite` here serves the page while it is worked on, with the API of a system that runs at TUTTI_ADDRESS.
const address = process.env.TUTTI_ADDRESS ?? 'http://127.0.0.1:4700';

export default defineConfig({
  plugins: [react()],
  // Packages of the workspace as their sources: what was built of them may be older.
  resolve: { conditions: ['@tutti/source', ...defaultClientConditions] },
  // The gateway takes changes from its own page alone.
  server: {
    host: '127.0.0.1',
    proxy: {
      '/v1': { target: address, ws: true, changeOrigin: true, headers: { origin: address } },
      '/version': { target: address, changeOrigin: true },
    },
  },
  build: {
    target: 'es2023',
    sourcemap: false,
    // The Content-Security-Policy of the gateway lets no data: URL in but images.
    assetsInlineLimit: 0,
    // Of the workspace's packages nothing that needs Node is used here; what stays unused is left out.
    rolldownOptions: { external: [/^node:/] },
  },
});
