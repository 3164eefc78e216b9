export default {
  test: {
    include: ['*.vitest.test.js'],
    // Only in this repository: a package from node_modules is never taken through vite.
    server: { deps: { external: [/\/dist\//] } },
  },
};
