// A policy is added: chosen or dropped, sent as it is, then the index is built anew and the lists on this page follow.
const form = document.getElementById('dc-add');
const school = document.getElementById('dc-school');
const folder = document.getElementById('dc-folder');
const file = document.getElementById('dc-file');
const drop = document.getElementById('dc-drop');
const button = form.querySelector('button');
const told = document.getElementById('dc-told'); // read aloud, so its words change only when there is news
const step = document.getElementById('dc-step');
const bar = document.querySelector('#dc-progress progress');
const NEW = '*';
let underWay = false;
const EVERY = 700; // milliseconds
const FAILED = 'the server could not be reached, or failed. Please try again.';

// `kind`: "fault", "done", or "" for what is under way.
function tell(words, kind = '') {
  told.classList.toggle('ev-fault', kind === 'fault');
  told.classList.toggle('dc-done', kind === 'done');
  const mark = document.createElement('span');
  mark.className = 'cw-mark';
  mark.setAttribute('aria-hidden', 'true');
  mark.textContent = {fault: '! ', done: '✓ '}[kind] || '';
  told.replaceChildren(...(words ? [mark, words] : []));
}

// The button keeps the focus: it is not disabled, but does nothing.
function busy(on) {
  underWay = on;
  button.setAttribute('aria-disabled', on);
  document.getElementById('dc-progress').hidden = !on;
}

function chooseNew() {
  const chosen = school.value === NEW;
  document.getElementById('dc-new').hidden = !chosen;
  folder.required = chosen;
  folder.disabled = !chosen;
}

// What cannot be sent, in one line; nothing where it can.
function wrong() {
  if (!file.files.length) return 'choose a file first.';
  const most = Number(form.dataset.most);
  if (file.files[0].size > most) return `this file has ${file.files[0].size.toLocaleString('en-GB')} bytes, over the limit of ${most.toLocaleString('en-GB')}.`;
  return '';
}

async function send() {
  const home = school.value === NEW ? folder.value.trim() : school.value;
  const address = `/api/documents/${encodeURIComponent(home)}/${encodeURIComponent(file.files[0].name)}`;
  try {
    const response = await fetch(address, {method: 'PUT', body: file.files[0]});
    return response.status === 202 ? '' : (await response.json()).error;
  } catch {
    return FAILED;
  }
}

form.addEventListener('submit', async event => {
  event.preventDefault();
  if (underWay) return;
  busy(true);
  tell(''); // the same fault twice is said twice
  const fault = wrong() || await send();
  if (fault) {
    busy(false);
    tell(`Not added: ${fault}`, 'fault');
  } else {
    file.value = '';
    follow();
  }
});

// Every line of progress is shown; only a new state is read aloud.
function show(progress, state) {
  step.textContent = progress.of ? progress.told : '';
  if (progress.of) {
    bar.max = progress.of;
    bar.value = progress.done;
  } else bar.removeAttribute('value');
  if (progress.state !== state) tell(progress.state === 'reading' ? progress.told : 'Indexing what is new.');
}

async function follow() {
  busy(true);
  let state = '';
  for (;;) {
    let progress;
    try {
      progress = await (await fetch('/api/documents/progress')).json();
    } catch {
      busy(false);
      tell(`What became of the policy is not known: ${FAILED}`, 'fault');
      return;
    }
    if (progress.state !== 'reading' && progress.state !== 'embedding') {
      await refresh();
      busy(false);
      tell(progress.told, progress.state === 'failed' ? 'fault' : 'done');
      return;
    }
    show(progress, state);
    state = progress.state;
    await new Promise(resolve => setTimeout(resolve, EVERY));
  }
}

// The lists as the server has them now. A part that the reader is in stays as it is, lest the place be lost.
async function refresh() {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    for (const part of document.querySelectorAll('[data-fresh]')) {
      const fresh = page.getElementById(part.id);
      if (fresh && !part.contains(document.activeElement)) part.replaceWith(fresh);
    }
  } catch {
    // the lists are those of before until the page is loaded again
  }
}

document.getElementById('dc-stop').addEventListener('click', () => fetch('/api/documents/stop', {method: 'POST'}));
school.addEventListener('change', chooseNew);
for (const kind of ['dragover', 'drop']) addEventListener(kind, event => event.preventDefault()); // or the file would be opened
addEventListener('dragover', event => drop.classList.toggle('dc-over', drop.contains(event.target)));
addEventListener('drop', event => {
  drop.classList.remove('dc-over');
  if (!drop.contains(event.target) || !event.dataTransfer.files.length) return;
  if (event.dataTransfer.files.length > 1) tell('Drop one policy at a time.', 'fault');
  else {
    file.files = event.dataTransfer.files;
    tell(`${file.files[0].name} is chosen. Choose its school, then add it.`);
    (school.value ? button : school).focus();
  }
});

form.hidden = false;
chooseNew();
if (['reading', 'embedding'].includes(form.dataset.state)) follow();
else if (told.textContent) tell(told.textContent, 'fault');
