/**
 * BroadcastChannel: tells the other tabs that the record changed, and hears it from them. A message
 * is `{ seq }`, never a token. `missing` is told, with the exception, where there can be none; whoever
 * does not hear reads the record before acting.
 */
export function openChannel(name, announced, missing) {
  let channel;
  try {
    channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => {
      if (Number.isSafeInteger(data?.seq)) announced(data.seq);
    };
  } catch (error) {
    missing(error);
  }
  return {
    announce: (seq) => channel?.postMessage({ seq }),
    close() {
      channel?.close();
      // A closed one would throw.
      channel = undefined;
    },
  };
}
