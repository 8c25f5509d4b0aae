import { preact } from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** Three pages: the client at `/` and the API reference at `/docs/`, which ship Preact, and GraphiQL at `/graphiql/`, which brings its own React. Nothing is loaded from elsewhere. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [preact({ reactAliasesEnabled: false })],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 4_096,
    rollupOptions: {
      input: {
        main: `${import.meta.dirname}/index.html`,
        graphiql: `${import.meta.dirname}/graphiql/index.html`,
        docs: `${import.meta.dirname}/docs/index.html`,
      },
    },
  },
});
