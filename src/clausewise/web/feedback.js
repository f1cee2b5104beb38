// "Something wrong with this answer?" Runs after ask.js.

// What a control complains of, as the server takes it, less the reason.
function complaintOf(control) {
  const turn = control.closest('.cw-turn');
  const before = turns().slice(0, turns().indexOf(turn));
  return {
    question: turn.dataset.question,
    schools: JSON.parse(turn.dataset.schools),
    history: 'alone' in turn.dataset ? [] : questions(before),
    about: control.closest('.cw-card').dataset.school,
  };
}

// What went wrong, in one line; nothing where it was taken.
async function complain(complaint) {
  try {
    const headers = {'content-type': 'application/json'};
    const response = await fetch('/api/feedback', {method: 'POST', headers, body: JSON.stringify(complaint)});
    if (response.status === 201) return '';
    return (await response.json()).error;
  } catch {
    return 'the server could not be reached, or failed. Please try again.';
  }
}

page.addEventListener('click', async event => {
  const button = event.target.closest('.cw-feedback button');
  const control = button?.closest('.cw-feedback');
  if (!control || 'busy' in control.dataset) return;
  control.dataset.busy = '';
  control.querySelector('.cw-fault').textContent = '';
  const fault = await complain({...complaintOf(control), reason: button.dataset.reason});
  delete control.dataset.busy;
  if (!control.isConnected) return; // another conversation by now
  if (fault) control.querySelector('.cw-fault').textContent = `Not sent: ${fault}`;
  else {
    control.dataset.sent = '';
    control.querySelector('.cw-thanks').focus({preventScroll: true}); // the button that had the focus is gone
  }
});
