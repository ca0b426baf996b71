using Hearth.Engine.Sampling;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Scheduling;

/// <summary>Makes samplers for a vocabulary.</summary>
internal static class SamplerFactory
{
    public static Sampler Create(SamplingOptions options, Tokenizer tokenizer) =>
        new(options, tokenizer.VocabularySize, tokenizer.Special.EndOfGeneration, Sampler.NeedsBreakers(options) ? DryBreakers.Create(options.DrySequenceBreakers, tokenizer) : null);
}
