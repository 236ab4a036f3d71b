"""The language model worker: vLLM with LoRA adapters that are loaded and unloaded while it runs."""
