// The chat page's own part: which schools are asked, sending a question, and the buttons beside an answer.
// Runs once, with `element`, where an answer comes, and Gradio's `trigger` and `watch`; HISTORY: so many earlier questions are sent.
const page = document;
const found = id => page.getElementById(id);
const REMEMBERED = 'clausewise-schools';

// the schools, remembered on this device

function chosen() {
  try {
    const ids = JSON.parse(localStorage.getItem(REMEMBERED) ?? '[]');
    return Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

function choose(ids) {
  try { localStorage.setItem(REMEMBERED, JSON.stringify(ids)); } catch { /* a browser that remembers nothing: for this page only */ }
  drawChips();
}

function chip(id) {
  const option = [...found('cw-add').options].find(one => one.value === id);
  const name = option ? option.text : `${id} (no longer here)`;
  const item = page.createElement('li');
  const button = page.createElement('button');
  button.type = 'button';
  button.dataset.remove = id;
  button.setAttribute('aria-label', `Remove ${name}`);
  button.textContent = name;
  item.append(button);
  return item;
}

function drawChips() {
  const list = page.querySelector('.cw-chips');
  if (!list) return;
  const ids = chosen();
  const all = page.createElement('li');
  all.className = 'cw-all';
  all.textContent = 'All schools';
  list.replaceChildren(...(ids.length ? ids.map(chip) : [all]));
  for (const option of found('cw-add').options) option.disabled = ids.includes(option.value);
}

page.addEventListener('change', event => {
  if (event.target.id !== 'cw-add' || !event.target.value) return;
  const name = event.target.selectedOptions[0].text;
  choose([...chosen(), event.target.value]);
  event.target.value = '';
  say(`${name} is asked.`);
});
page.addEventListener('click', event => {
  const button = event.target.closest('[data-remove]');
  if (!button) return;
  choose(chosen().filter(id => id !== button.dataset.remove));
  found('cw-add').focus();
  say(chosen().length ? `${button.textContent} is not asked any more.` : 'All schools are asked.');
});

// asking

const turns = () => [...page.querySelectorAll('.cw-turn')];
// A turn where somebody may be at risk does not go out again: a later question would be kept with its words in it.
// Nor does what came before it: "who else should I tell?" is no follow-up to that.
function questions(some) {
  const since = some.findLastIndex(turn => turn.querySelector('.cw-concern')) + 1;
  return some.slice(since).map(turn => turn.dataset.question).slice(-HISTORY);
}
const box = () => page.querySelector('#cw-question textarea');
const keptAs = () => page.querySelector('.cw-ways')?.dataset.conversation ?? '';
// The turn whose answer is awaited, null for none, and the numbers of those given up: an answer may be on its way when a new
// conversation is begun.
let awaited = null;
const givenUp = new Set();

function send(question, {schools = chosen(), alone = false} = {}) {
  if (!question.trim() || awaited) {
    say(awaited ? 'The last question is still being answered.' : 'Type a question first.');
    return;
  }
  const earlier = alone ? [] : questions(turns());
  const asked = {question: question.trim(), schools: found('cw-add') ? schools : [], history: earlier, conversation: keptAs(), number: `${Date.now()}`};
  awaited = drawn(asked);
  found('cw-past').append(awaited);
  awaited.scrollIntoView({block: 'start'});
  trigger('submit', asked);
  // The button that asked may be drawn away, and the focus with it; on a screen that is touched, the box would open a keyboard.
  if (matchMedia('(hover: hover)').matches) box().focus({preventScroll: true});
}

// The question, which stands on the page until its answer takes its place.
function drawn({question, number}) {
  const turn = page.createElement('section');
  turn.className = 'cw-turn';
  Object.assign(turn.dataset, {question, number});
  for (const [name, kind, words] of [['h2', 'question', question], ['p', 'waiting', 'Reading the policies…']]) {
    const part = page.createElement(name);
    part.className = `cw-${kind}`;
    part.textContent = words;
    turn.append(part);
  }
  return turn;
}

function fault(turn) {
  const line = page.createElement('p');
  line.className = 'cw-error';
  line.textContent = UNANSWERED;
  turn.querySelector('.cw-waiting').replaceWith(line);
}

// What Gradio gives its controls: nothing new for the first of `began`, and the words of the server's own line.
const UNANSWERED = 'No answer came from the server. Please see that you are online, and ask again.';
function told(words) {
  const line = page.querySelector('.cw-status').cloneNode();
  line.textContent = words;
  return line.outerHTML;
}

window.clausewise = {
  drawChips,
  ask: () => send(box().value),
  // The box is emptied as its question goes up, not when the answer comes: by then the next one may stand in it.
  began: () => ['', {__type__: 'update', value: 'Reading…', interactive: false}, told('Reading the policies.')],
  ended: () => ({__type__: 'update', ...(awaited ? {} : {value: 'Ask', interactive: true})}),
  failed: () => {
    if (awaited) fault(awaited);
    awaited = null;
    return [told(UNANSWERED), clausewise.ended()];
  },
  kept: () => {
    const ways = page.querySelector('.cw-ways');
    if (givenUp.has(ways?.dataset.number)) ways.remove();
    if (keptAs()) history.replaceState(null, '', `/?conversation=${encodeURIComponent(keptAs())}`);
  },
  clear: () => {
    if (awaited) givenUp.add(awaited.dataset.number);
    awaited = null;
    found('cw-past').replaceChildren();
    history.replaceState(null, '', '/');
    box().focus();
  },
};

// An answer has come. It joins the others, so that what the reader opens in it is theirs and not Gradio's to draw anew.
// Its top is shown, where its stance is, and not the end of its last quote.
watch('value', () => {
  const turn = element.querySelector('.cw-turn, .cw-error');
  if (!turn || !awaited || givenUp.has(turn.dataset.number)) {
    turn?.remove();
    return;
  }
  awaited.replaceWith(turn);
  awaited = null;
  turn.scrollIntoView({block: 'start'});
});

// the buttons beside an answer

// Told apart from the answers' own line, which the server writes.
function say(words) {
  let line = found('cw-said');
  if (!line) {
    line = page.createElement('p');
    line.id = 'cw-said';
    line.setAttribute('role', 'status');
    found('cw-composer').before(line);
  }
  line.textContent = '';
  setTimeout(() => { line.textContent = words; }, 50);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // no clipboard where the page is not served by https
    const field = page.createElement('textarea');
    field.value = text;
    page.body.append(field);
    field.select();
    const done = page.execCommand('copy');
    field.remove();
    return done;
  }
}

async function copied(button, text) {
  const done = await copy(text);
  const label = button.textContent;
  button.focus({preventScroll: true});
  button.textContent = done ? 'Copied' : 'Not copied';
  say(done ? 'Copied.' : 'This browser does not let a page copy.');
  setTimeout(() => { button.textContent = label; }, 1500);
}

function whole(tools) {
  const quotation = tools.closest('.cw-quotation');
  const leadIn = quotation.querySelector('.cw-lead-in .cw-words')?.textContent;
  const quote = `“${quotation.querySelector('blockquote').textContent.trim()}”`;
  const link = location.origin + tools.dataset.link;
  return [...(leadIn ? [leadIn.trim()] : []), quote, `${tools.dataset.citation}. ${link}`].join('\n');
}

function correct(understood) {
  const form = page.createElement('form');
  const label = page.createElement('label');
  const field = page.createElement('textarea');
  const ask = page.createElement('button');
  const cancel = page.createElement('button');
  const before = understood.querySelector('button');
  label.textContent = 'What you meant';
  field.value = understood.dataset.understood;
  field.rows = 3;
  ask.textContent = 'Ask this';
  cancel.textContent = 'Cancel';
  cancel.type = 'button';
  label.append(field);
  form.append(label, ask, cancel);
  form.addEventListener('submit', event => {
    event.preventDefault();
    const schools = JSON.parse(understood.closest('.cw-turn').dataset.schools);
    send(field.value, {schools, alone: true});
  });
  const close = () => {
    form.replaceWith(before);
    before.focus();
  };
  cancel.addEventListener('click', close);
  form.addEventListener('keydown', event => {
    if (event.key === 'Escape' && !event.isComposing) close();
  });
  before.replaceWith(form);
  field.focus();
}

const DOES = {
  ask: button => send(button.dataset.question ?? button.textContent, {
    schools: button.dataset.schools ? JSON.parse(button.dataset.schools) : chosen(),
    alone: 'question' in button.dataset,
  }),
  copy: button => copied(button, whole(button.parentElement)),
  link: button => copied(button, location.origin + button.parentElement.dataset.link),
  correct: button => correct(button.parentElement),
};
page.addEventListener('click', event => {
  const button = event.target.closest('[data-do]');
  if (button) DOES[button.dataset.do]?.(button);
});

