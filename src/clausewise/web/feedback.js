// "Something wrong with this answer?" Runs once, with `element`, the conversation; HISTORY: so many earlier questions are sent.
// Gradio redraws the conversation at each turn and resets every attribute, so what was sent is remembered here and marked anew.
const sent = new Set();
const underWay = new Set();

// What a control complains of, as the server takes it, less the reason; written out, it tells one answer from another.
function complaintOf(control) {
  const turns = [...element.querySelectorAll('.cw-turn')];
  const turn = control.closest('.cw-turn');
  const earlier = turns.slice(0, turns.indexOf(turn)).map(other => other.dataset.question);
  return {
    question: turn.dataset.question,
    school: turn.dataset.school || null,
    history: earlier.slice(-HISTORY),
    about: control.closest('.cw-card').dataset.school,
  };
}

const keyOf = control => JSON.stringify(complaintOf(control));

function markSent() {
  if (!element.querySelector('.cw-turn')) sent.clear();
  for (const control of element.querySelectorAll('.cw-feedback')) control.toggleAttribute('data-sent', sent.has(keyOf(control)));
}

// What went wrong, in one line; nothing where it was taken.
async function send(complaint) {
  try {
    const headers = {'content-type': 'application/json'};
    const response = await fetch('/api/feedback', {method: 'POST', headers, body: JSON.stringify(complaint)});
    if (response.status === 201) return '';
    return (await response.json()).error;
  } catch {
    return 'the server could not be reached, or failed. Please try again.';
  }
}

element.addEventListener('click', async event => {
  const button = event.target.closest('.cw-feedback button');
  if (!button) return;
  const control = button.closest('.cw-feedback');
  const key = keyOf(control);
  if (underWay.has(key)) return;
  underWay.add(key);
  control.querySelector('.cw-fault').textContent = '';
  const fault = await send({...complaintOf(control), reason: button.dataset.reason});
  underWay.delete(key);
  if (!fault) sent.add(key);
  markSent();
  if (!control.isConnected || keyOf(control) !== key) return; // another conversation by now
  if (fault) control.querySelector('.cw-fault').textContent = `Not sent: ${fault}`;
  else control.querySelector('.cw-thanks').focus({preventScroll: true}); // the button that had the focus is gone
});

new MutationObserver(markSent).observe(element, {childList: true, subtree: true, attributeFilter: ['data-sent', 'data-question']});
