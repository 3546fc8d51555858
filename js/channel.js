/**
 * BroadcastChannel: tells the other tabs that the record changed, and hears it from them. A message
 * is `{ seq }`, never a token. `missing` is told, with the exception, where there can be none; whoever
 * does not hear reads the record before acting. It may be closed and opened again.
 */
export function openChannel(name, announced, missing) {
  let channel;
  function open() {
    if (channel) return;
    try {
      channel = new BroadcastChannel(name);
      channel.onmessage = ({ data }) => {
        if (Number.isSafeInteger(data?.seq)) announced(data.seq);
      };
    } catch (error) {
      missing(error);
    }
  }
  function close() {
    channel?.close();
    // A closed one would throw.
    channel = undefined;
  }
  open();
  return {
    open,
    close,
    announce: (seq) => channel?.postMessage({ seq }),
  };
}
