/** Vue's files, for tools that do not read them. */
declare module '*.vue' {
  import type { Component } from 'vue';

  const component: Component;
  export default component;
}
