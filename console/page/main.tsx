/** @jsxRuntime automatic @jsxImportSource preact */
import { render } from 'preact';
import { App } from './app.tsx';
import { connect } from './connection.ts';
import { applyTheme } from './settings.ts';

applyTheme();
render(<App />, document.getElementById('app')!);
void connect();
