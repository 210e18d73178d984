import { VueQueryPlugin } from '@tanstack/vue-query';
import { createApp } from 'vue';
import { makeQueryClient } from './api/queryClient.js';
import App from './app/App.vue';
import { makeRouter } from './app/router.js';
import { Session, sessionKey } from './app/session.js';
import { makeLanguages } from './language/languages.js';
import './style.css';

const session = new Session();
const languages = await makeLanguages();

createApp(App)
  .provide(sessionKey, session)
  .use(languages.plugin)
  .use(VueQueryPlugin, { queryClient: makeQueryClient({ onSignedOut: () => session.lose() }) })
  .use(makeRouter(session))
  .mount('#app');
