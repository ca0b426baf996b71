// The page's script: it starts Blazor, keeps conversations, and does what only a browser can.

const keyName = 'hearth-key';
const draftName = 'hearth-draft';
const retryAfter = 1000;

// ---- Start ----

function start(key) {
  document.getElementById('key-form').hidden = true;
  return Blazor.start({
    circuit: {
      configureSignalR: builder => persist(builder.withUrl('_blazor', key ? { accessTokenFactory: () => key } : {})),
      reconnectionHandler: { onConnectionDown: reconnect, onConnectionUp: () => { connection().hidden = true; } },
    },
  });
}

const connection = () => document.getElementById('connection');

const pause = () => new Promise(done => setTimeout(done, retryAfter));

// Blazor gives up where a connection cannot be begun, and shows nothing.
function persist(builder) {
  const build = builder.build.bind(builder);
  builder.build = () => {
    const hub = build();
    const begin = hub.start.bind(hub);
    hub.start = async () => {
      for (;;) {
        try {
          await begin();
          connection().hidden = true;
          return;
        } catch {
          connection().hidden = false;
          await pause();
        }
      }
    };
    return hub;
  };
}

// A server that has been started anew knows nothing of this page: it is loaded again, and shows what the browser has kept.
async function reconnect() {
  connection().hidden = false;
  for (;;) {
    await pause();
    try {
      const answer = await fetch('health', { cache: 'no-store' });
      if (!answer.ok) {
        continue;
      }
      if (await Blazor.reconnect()) {
        connection().hidden = true;
        return;
      }
      location.reload();
      return;
    } catch {
      // Not there yet.
    }
  }
}

async function admits(key) {
  const answer = await fetch('_blazor/negotiate?negotiateVersion=1', { method: 'POST', headers: { authorization: `Bearer ${key}` } });
  return answer.ok;
}

function askForKey(error) {
  const form = document.getElementById('key-form');
  document.getElementById('splash').hidden = true;
  document.getElementById('key-error').textContent = error;
  form.hidden = false;
  form.key.focus();
  form.onsubmit = async event => {
    event.preventDefault();
    const key = form.key.value.trim();
    if (await admits(key)) {
      sessionStorage.setItem(keyName, key);
      document.getElementById('splash').hidden = false;
      form.key.value = '';
      await start(key);
    } else {
      askForKey('The server does not know this key.');
    }
  };
}

// Whether the key that was shown before still opens the page; a server that does not answer is asked again.
async function admitsStill(key) {
  for (;;) {
    try {
      return await admits(key);
    } catch {
      connection().hidden = false;
      await pause();
    }
  }
}

async function boot() {
  if (!document.body.dataset.keys) {
    await start(null);
    return;
  }
  const key = sessionStorage.getItem(keyName);
  if (key && await admitsStill(key)) {
    await start(key);
  } else {
    sessionStorage.removeItem(keyName);
    askForKey('');
  }
}

/** The page is there. */
export function ready() {
  document.getElementById('splash').hidden = true;
}

// ---- Conversations ----

let database;

function open() {
  database ??= new Promise((done, fail) => {
    const request = indexedDB.open('hearth', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('chats', { keyPath: 'id' });
      request.result.createObjectStore('nodes', { keyPath: ['chat', 'id'] }).createIndex('chat', 'chat');
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  return database;
}

const settle = request => new Promise((done, fail) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});

const ended = transaction => new Promise((done, fail) => {
  transaction.oncomplete = () => done();
  transaction.onabort = transaction.onerror = () => fail(transaction.error);
});

// What may be long goes in pieces.
const stream = value => new TextEncoder().encode(JSON.stringify(value));

const tabs = new BroadcastChannel('hearth');

export async function listChats() {
  const chats = await settle((await open()).transaction('chats').objectStore('chats').getAll());
  return stream(chats.map(({ id, title, updated }) => ({ id, title, updated })).sort((a, b) => a.updated < b.updated ? 1 : -1));
}

export async function loadChat(id) {
  const transaction = (await open()).transaction(['chats', 'nodes']);
  const chat = settle(transaction.objectStore('chats').get(id));
  const nodes = settle(transaction.objectStore('nodes').index('chat').getAll(id));
  return stream(await chat ? { chat: await chat, nodes: await nodes } : null);
}

// Messages are records of their own, so two tabs that go on with the same conversation each add theirs.
export async function saveChat(json) {
  const { chat, nodes } = JSON.parse(json);
  const transaction = (await open()).transaction(['chats', 'nodes'], 'readwrite');
  transaction.objectStore('chats').put(chat);
  for (const node of nodes) {
    transaction.objectStore('nodes').put({ ...node, chat: chat.id });
  }
  await ended(transaction);
  tabs.postMessage(chat.id);
}

export async function removeChat(id) {
  const transaction = (await open()).transaction(['chats', 'nodes'], 'readwrite');
  transaction.objectStore('chats').delete(id);
  transaction.objectStore('nodes').delete(IDBKeyRange.bound([id], [id, []]));
  await ended(transaction);
  tabs.postMessage(id);
}

export async function removeChats() {
  const transaction = (await open()).transaction(['chats', 'nodes'], 'readwrite');
  transaction.objectStore('chats').clear();
  transaction.objectStore('nodes').clear();
  await ended(transaction);
  tabs.postMessage('');
}

/** Tells the page when another tab has changed a conversation. */
export function watchChats(page) {
  tabs.onmessage = event => page.invokeMethodAsync('TakeChange', event.data);
}

// ---- Composer ----

const fit = area => {
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight + 2}px`;
};

/** Grows with its text, keeps it over a reload, and sends it with Enter. */
export function bindComposer(area, page) {
  area.value = sessionStorage.getItem(draftName) ?? '';
  area.oninput = () => {
    fit(area);
    try {
      sessionStorage.setItem(draftName, area.value);
    } catch {
      // Too long to be kept.
    }
  };
  area.onkeydown = event => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && !matchMedia('(pointer: coarse)').matches) {
      event.preventDefault();
      page.invokeMethodAsync('Send');
    }
  };
  fit(area);
  area.focus({ preventScroll: true });
}

/** The text, which is gone from the box then. */
export function takeText(area) {
  const text = area.value;
  area.value = '';
  sessionStorage.removeItem(draftName);
  fit(area);
  return stream(text);
}

/** The text of a box. */
export const readText = area => stream(area.value);

export function putText(area, text) {
  area.value = text;
  fit(area);
  area.focus();
}

// ---- Scrolling ----

/** Stays at the end of what is written, unless the reader has scrolled up. */
export function follow(box) {
  let follows = true;
  box.onscroll = () => { follows = box.scrollHeight - box.scrollTop - box.clientHeight < 48; };
  new ResizeObserver(() => {
    if (follows) {
      box.scrollTop = box.scrollHeight;
    }
  }).observe(box.firstElementChild);
  box.followEnd = () => { follows = true; box.scrollTop = box.scrollHeight; };
}

export const followEnd = box => box.followEnd?.();

// ---- Small things ----

export async function copyText(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = Object.assign(document.createElement('textarea'), { value: text, className: 'offscreen' });
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function download(name, type, text) {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), retryAfter);
}

export const theme = () => document.documentElement.dataset.theme ?? 'auto';

export function setTheme(name) {
  if (name === 'auto') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem('hearth-theme');
  } else {
    document.documentElement.dataset.theme = name;
    localStorage.setItem('hearth-theme', name);
  }
}

export function openDialog(dialog) {
  dialog.showModal();
}

export function closeDialog(dialog) {
  dialog.close();
}

/** Sends a request as a program would: the status, the milliseconds, and the answer. */
export async function ask(path, body) {
  const key = sessionStorage.getItem(keyName);
  const begun = performance.now();
  const answer = await fetch(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) } });
  const text = await answer.text();
  return stream([`${answer.status}`, `${Math.round(performance.now() - begun)}`, text]);
}

export const address = () => location.origin;

// Copies the code beside a button; it is in the page already, so nobody needs to be asked.
document.addEventListener('click', async event => {
  const button = event.target.closest?.('[data-copy]');
  if (!button) {
    return;
  }
  await copyText(button.closest('.code').querySelector('code').textContent);
  const before = button.textContent;
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = before; }, 1500);
});

document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && !document.querySelector('dialog[open]')) {
    document.querySelector('[data-stop]')?.click();
  }
});

if (!window.hearth) {
  window.hearth = true;
  boot();
}
