// A device of another maintained implementation: matrix-sdk-crypto, which web clients use.
//
// Reads commands as lines of JSON from standard input, and answers each with a line.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.argv[2] + "/").href);
const sdk = require("@matrix-org/matrix-sdk-crypto-wasm");

await sdk.initAsync();
const user = new sdk.UserId(process.argv[3]);
const machine = await sdk.OlmMachine.initialize(user, new sdk.DeviceId("WEB"));

const commands = {
  // Returns the keys that the device wants to publish.
  async keys() {
    for (const request of await machine.outgoingRequests()) {
      if (request.type === sdk.RequestType.KeysUpload) {
        const counts = { one_time_key_counts: { signed_curve25519: 50 } };
        await machine.markRequestAsSent(request.id, request.type, JSON.stringify(counts));
        return JSON.parse(request.body);
      }
    }
    return {};
  },

  // Receives a to-device message.
  async to_device({ sender, content }) {
    const event = { type: "m.room.encrypted", sender, content };
    const none = new sdk.DeviceLists();
    await machine.receiveSyncChanges(JSON.stringify([event]), none, new Map(), new Set());
    return {};
  },

  // Decrypts a message.
  async decrypt({ sender, room, content }) {
    const event = {
      type: "m.room.encrypted", event_id: "$1", origin_server_ts: 1, sender, room_id: room, content,
    };
    const settings = new sdk.DecryptionSettings(sdk.TrustRequirement.Untrusted);
    const decrypted = await machine.decryptRoomEvent(
      JSON.stringify(event), new sdk.RoomId(room), settings,
    );
    return JSON.parse(decrypted.event);
  },

  // Encrypts a message for a device with these keys; returns the to-device messages and the message.
  async encrypt({ to, device, deviceKeys, oneTimeKey, room, text }) {
    const other = new sdk.UserId(to);
    await machine.updateTrackedUsers([other]);
    for (const request of await machine.outgoingRequests()) {
      if (request.type === sdk.RequestType.KeysQuery) {
        const keys = { device_keys: { [to]: { [device]: deviceKeys } }, failures: {} };
        await machine.markRequestAsSent(request.id, request.type, JSON.stringify(keys));
      }
    }
    const claim = await machine.getMissingSessions([new sdk.UserId(to)]);
    if (claim) {
      const keys = { one_time_keys: { [to]: { [device]: oneTimeKey } }, failures: {} };
      await machine.markRequestAsSent(claim.id, claim.type, JSON.stringify(keys));
    }
    const roomId = new sdk.RoomId(room);
    const settings = new sdk.EncryptionSettings();
    const requests = await machine.shareRoomKey(roomId, [new sdk.UserId(to)], settings);
    const message = { msgtype: "m.text", body: text };
    const encrypted = await machine.encryptRoomEvent(
      new sdk.RoomId(room), "m.room.message", JSON.stringify(message),
    );
    return {
      to_device: requests.map((request) => JSON.parse(request.body).messages[to][device]),
      message: JSON.parse(encrypted),
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...values } = JSON.parse(line);
  let answer;
  try {
    answer = await commands[command](values);
  } catch (error) {
    answer = { failed: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
