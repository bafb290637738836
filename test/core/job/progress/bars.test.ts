import { describe, expect, test } from "vitest";
import { lineReader } from "../../../../src/core/job/progress/reader.ts";
import { told } from "./told.ts";

const hf = () => lineReader({ format: "hf-trainer" }, {});
const lightning = () => lineReader({ format: "lightning" }, {});
const bar = (step: number, total = 100) => `  1%|▏         | ${step}/${total} [00:05<00:30,  2.90it/s]`;
const loss = (value: number, epoch: number) =>
  `{'loss': ${value}, 'grad_norm': 1.0, 'learning_rate': 1e-05, 'epoch': ${epoch}}`;

describe("the Trainer's loss", () => {
  test("is of the step at which the bar is drawn behind it", () => {
    expect(told(hf(), bar(0), bar(3), loss(2, 0.1), bar(5), bar(6))).toBe("3:? 5:2 6:?");
  });

  test("is of the bar's own step where the bar had moved there before", () => {
    expect(told(hf(), bar(5), loss(2, 0.1), bar(5), bar(5))).toBe("5:? 5:2");
  });

  test("is not looked for in bars of another length, nor in those with a title", () => {
    expect(told(hf(), bar(5), loss(2, 0.1), bar(1, 20), `Map: ${bar(50)}`, bar(5))).toBe("5:? 5:2");
  });

  test("is placed by epoch and total steps where no bar is drawn", () => {
    const read = hf();
    expect(
      told(read, "  Num Epochs = 4", "  Total optimization steps = 1,000", loss(3, 0.04), loss(2, 2)),
    ).toBe("10:3 500:2");
  });

  test("is counted from where the training continues, where nothing else is told", () => {
    expect(
      told(hf(), loss(3, 0.1), "  Continuing training from global step 40", loss(2, 0.5), loss(1, 0.51)),
    ).toBe("1:3 loaded@40 41:2 42:1");
  });

  test("is counted where the bar stands still, whose later drawings are then too late to be believed", () => {
    expect(told(hf(), bar(0), loss(3, 0.1), loss(2, 0.2), bar(1), bar(2))).toBe("1:3 2:2");
  });

  test("of the summary is none, but ends a save", () => {
    expect(
      told(
        hf(),
        bar(50),
        "Saving model checkpoint to out/checkpoint-50",
        "{'train_runtime': 1, 'loss': 3, 'epoch': 1.0}",
        bar(50),
      ),
    ).toBe("50:? saving@50 saved@50");
  });
});

describe("the Trainer's save", () => {
  test("ends when the loop goes on, or an older one is deleted", () => {
    const saving = "Saving model checkpoint to /a b/checkpoint-20";
    expect(told(hf(), bar(20), saving, bar(20), bar(21))).toBe("20:? saving@20 saved@20 21:?");
    expect(
      told(hf(), saving, "Deleting older checkpoint [out/checkpoint-10] due to args.save_total_limit"),
    ).toBe("saving@20 saved@20");
  });

  test("never ends where its process died", () => {
    expect(told(hf(), bar(20), "Saving model checkpoint to out/checkpoint-20", bar(0), bar(11))).toBe(
      "20:? saving@20 11:?",
    );
    expect(
      told(hf(), "Saving model checkpoint to out/checkpoint-20", "***** Running training *****", loss(1, 1)),
    ).toBe("saving@20 1:1");
  });

  test("of the model alone, at the end, is none", () => {
    expect(told(hf(), "Saving model checkpoint to out")).toBe("");
  });
});

describe("Lightning's bar", () => {
  const drawing = (epoch: number, batch: number, of: string, rest = "") =>
    `Epoch ${epoch}:  22%|██▏       | ${batch}/${of} [00:17<01:02,  4.47s/it${rest}]`;

  test("counts batches of an epoch", () => {
    expect(told(lightning(), drawing(2, 4, "18"))).toBe("40:?");
    expect(told(lightning(), drawing(2, 4, "2147483647"))).toBe("");
  });

  test("has its loss with the second drawing, and a mean of the epoch with the third", () => {
    const all = ["9.9", "8.8", "7.7"].map((value) =>
      drawing(0, 4, "18", `, v_num=1, train_loss_step=${value}`),
    );
    expect(told(lightning(), ...all)).toBe("4:? 4:8.8");
  });

  test.each(["loss=1.5", "train_loss=1.5", "train/loss=1.5", "train_loss_step=1.5, train_loss_epoch=3.0"])(
    "knows %s",
    (text) => {
      expect(told(lightning(), drawing(0, 4, "18"), drawing(0, 4, "18", `, v_num=1, ${text}`))).toBe(
        "4:? 4:1.5",
      );
    },
  );

  test("does not take another loss for the training's", () => {
    const rest = ", v_num=1, val_loss=1.5, train_loss_epoch=3.0";
    expect(told(lightning(), drawing(0, 4, "18"), drawing(0, 4, "18", rest))).toBe("4:?");
  });

  test("of epochs of unknown length is added up, as far as they were seen", () => {
    expect(
      told(lightning(), drawing(0, 1, "?"), drawing(0, 2, "?"), drawing(1, 0, "?"), drawing(1, 1, "?")),
    ).toBe("1:? 2:? 3:?");
    expect(told(lightning(), drawing(3, 1, "?"))).toBe("");
  });

  test("of a check or a validation is none", () => {
    expect(told(lightning(), "Validation DataLoader 0:  50%|█████     | 1/2 [00:00<00:00,  1.39it/s]")).toBe(
      "",
    );
  });

  test("may have a message behind it", () => {
    const message =
      "Epoch 1, global step 22: 'val/AP' reached 0.5 (best 0.5), saving model to '/a/b.ckpt' as top 1";
    expect(told(lightning(), `${drawing(1, 4, "18")}${message}`, drawing(1, 5, "18"))).toBe(
      "22:? saving@22 saved@22 23:?",
    );
    expect(told(lightning(), "Epoch 2, global step 400000: 'val/AP' was not in top 1")).toBe("");
  });

  test("goes on behind a load whose path may tell the step, and a save before it never ended", () => {
    const saving =
      "Epoch 1, global step 22: 'a' reached 0.5 (best 0.5), saving model to '/a/b.ckpt' as top 1";
    const loaded = "Restored all states from the checkpoint at /a/last.ckpt";
    expect(told(lightning(), saving, loaded, drawing(1, 5, "18"))).toBe("saving@22 loaded@? 23:?");
  });
});
