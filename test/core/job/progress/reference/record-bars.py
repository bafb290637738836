"""Records ../fixtures/hf-trainer.txt and ../fixtures/lightning.txt: what tqdm (4.70.1) draws when it is called as transformers'
ProgressCallback and Lightning's TQDMProgressBar call it, both streams in one file. Run: python record-bars.py; needs tqdm alone."""
import sys, time
from pathlib import Path
from tqdm import tqdm

FIXTURES = Path(__file__).parent.parent / "fixtures"


def hf_trainer(out):
    def life(first, last, total, every, save):
        print("***** Running training *****", file=out)
        print("  Num Epochs = 2", file=out)
        print(f"  Total optimization steps = {total:,}", file=out)
        if first > 1:
            print(f"  Continuing training from global step {first - 1}", file=out)
        bar, at = tqdm(total=total, file=out), 0
        for step in range(first, last + 1):
            time.sleep(0.004)
            bar.update(step - at)
            at = step
            if step % every == 0:
                loss = float("nan") if step == 35 else round(3 - step / 50, 4)
                bar.write(str({"loss": loss, "grad_norm": 1.5, "learning_rate": 5e-05, "epoch": round(2 * step / total, 2)}), file=out)
            if step % save == 0:
                evaluation = tqdm(total=4, file=out, leave=False)
                for _ in range(4):
                    evaluation.update(1)
                evaluation.close()
                bar.write(str({"eval_loss": 2.5, "eval_runtime": 0.1, "epoch": round(2 * step / total, 2)}), file=out)
                print(f"Saving model checkpoint to out/checkpoint-{step}", file=out)
                print(f"Model weights saved in out/checkpoint-{step}/model.safetensors", file=out)
        return bar

    life(1, 27, 50, 5, 20)  # killed at 27
    print(file=out)
    bar = life(21, 50, 50, 5, 20)
    bar.write(str({"train_runtime": 1.2, "train_steps_per_second": 41.6, "train_loss": 2.1, "epoch": 2.0}), file=out)
    bar.close()
    print("Saving model checkpoint to out", file=out)


class Padded(tqdm):
    """Numbers are padded to five characters."""

    @staticmethod
    def format_num(n):
        text = n if isinstance(n, str) else tqdm.format_num(n)
        if isinstance(n, (float, str)) and "e" not in text:
            if "." not in text and len(text) < 5:
                text += "."
            text += "0" * (5 - len(text))
        return text


def lightning(out):
    layout = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_noinv_fmt}{postfix}]"

    def life(epochs, batches, start, stop=None):
        bar = Padded(desc="Training", total=batches, file=out, bar_format=layout, leave=True)
        for epoch in range(start[0], epochs):
            bar.reset()
            bar.total = batches
            bar.initial = 0
            bar.set_description(f"Epoch {epoch}")
            for batch in range(start[1] if epoch == start[0] else 1, batches + 1):
                step = epoch * batches + batch
                bar.n = batch
                bar.refresh()
                loss = float("nan") if step == 7 else 3 - step / 10
                bar.set_postfix({"v_num": 0, "train_loss": loss})
                if step == stop:
                    return
                if batch == 3:
                    print(f"Epoch {epoch}, global step {step}: 'train_loss' reached {loss:0.5f} (best {loss:0.5f}), saving model to '/ckpt/epoch={epoch}-step={step}.ckpt' as top 1", file=out)
            bar.set_postfix({"v_num": 0, "train_loss": 9.0})
        bar.close()
        print("`Trainer.fit` stopped: `max_epochs=3` reached.", file=out)

    checks = Padded(desc="Sanity Checking DataLoader 0", total=2, file=out, bar_format=layout, leave=False)
    checks.update(1)
    checks.update(1)
    checks.close()
    life(3, 4, (0, 1), stop=8)  # killed at 8
    print(file=out)
    print("Restoring states from the checkpoint path at /ckpt/epoch=1-step=7.ckpt", file=out)
    print("Restored all states from the checkpoint at /ckpt/epoch=1-step=7.ckpt", file=out)
    life(3, 4, (1, 4))


for record, name in ((hf_trainer, "hf-trainer.txt"), (lightning, "lightning.txt")):
    with open(FIXTURES / name, "w", buffering=1, newline="") as out:
        record(out)
