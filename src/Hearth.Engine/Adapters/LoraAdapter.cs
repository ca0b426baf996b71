namespace Hearth.Engine.Adapters;

/// <summary>A LoRA adapter to load with a model (arXiv:2106.09685).</summary>
/// <param name="Path">The GGUF file.</param>
/// <param name="Scale">The factor of its changes in requests that say nothing else; 0 loads it without using it.</param>
public sealed record LoraAdapter(string Path, float Scale = 1);
