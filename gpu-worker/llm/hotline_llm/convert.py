"""Turns a GGUF file into a Hugging Face model folder, which is what vLLM, peft and trl read.

    python -m hotline_llm.convert weights.gguf folder

The weights are dequantised and stored as bfloat16; tokenizer and chat template come out of the GGUF's metadata.
"""

import argparse
from importlib import import_module
from pathlib import Path
from typing import Any


def read_metadata(path: Path, key: str) -> str | None:
    """A text value of the GGUF's metadata, None when it is absent."""
    field = import_module("gguf").GGUFReader(path).get_field(key)
    return None if field is None else str(field.contents())


def forget_quantisation(model: Any) -> None:
    """Clears what marks the model as quantised: it is not any more, and save_pretrained refuses GGUF's quantisation."""
    for name in ("hf_quantizer", "quantization_method"):
        if hasattr(model, name):
            setattr(model, name, None)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.is_quantized = False


def convert(source: Path, folder: Path) -> None:
    """Writes config, weights, tokenizer, chat template and generation settings into `folder`.

    Raises ValueError when the GGUF has no chat template: a model without one cannot hold a conversation.
    """
    template = read_metadata(source, "tokenizer.chat_template")
    if not template:
        raise ValueError(f"{source.name} has no chat template: choose an instruction-tuned model")
    # By name, because they are only in the worker's own environment, which is too large for a type check.
    transformers, torch = import_module("transformers"), import_module("torch")
    tokenizer = transformers.AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    tokenizer.chat_template = template
    model = transformers.AutoModelForCausalLM.from_pretrained(
        source.parent, gguf_file=source.name, dtype=torch.bfloat16
    )
    forget_quantisation(model)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder)
    model.generation_config = transformers.GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    model.save_pretrained(folder)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    convert(arguments.source.resolve(), arguments.folder.resolve())


if __name__ == "__main__":
    main()
