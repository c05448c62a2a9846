// What this tablet holds for the server: `unsent`, and what the server has `refused`. It lies in a database of the browser that has
// written to the disk before it answers, so a browser that is killed or a tablet that goes out right after a tap loses nothing.
const opened = new Promise((resolve, reject) => {
  const asked = indexedDB.open("openketamine", 1);
  asked.onupgradeneeded = () => ["unsent", "refused"].forEach((name) => asked.result.createObjectStore(name, { keyPath: "number", autoIncrement: true }));
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

async function within(names, mode, act) {
  const going = (await opened).transaction(names, mode, { durability: "strict" });
  const asked = act(...names.map((name) => going.objectStore(name)));
  return new Promise((resolve, reject) => {
    going.oncomplete = () => resolve(asked.result);
    going.onabort = () => reject(going.error);
  });
}

export const all = (name) => within([name], "readonly", (rows) => rows.getAll());
export const put = (name, row) => within([name], "readwrite", (rows) => rows.put(row));
export const drop = (name, number) => within([name], "readwrite", (rows) => rows.delete(number));

// The server has answered: a row leaves the queue, and stays in sight with the reason where it was refused. Whichever tab comes
// second finds nothing more to settle, and a row that was taken back meanwhile still goes.
export const settle = (row, reason) => within(["unsent", "refused"], "readwrite", (unsent, refused) => {
  const found = unsent.get(row.number);
  found.onsuccess = () => {
    if (!found.result || found.result.body !== row.body) return;
    unsent.delete(row.number);
    if (reason) refused.put({ what: row.what, where: row.where, at: row.at, reason });
  };
  return found;
});
