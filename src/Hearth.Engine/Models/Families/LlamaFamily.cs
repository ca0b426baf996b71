namespace Hearth.Engine.Models.Families;

/// <summary>Llama, Mistral and Mixtral, InternLM 2 and XVERSE: the defaults of every description.</summary>
internal sealed class LlamaFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["internlm2", "llama", "xverse"];
}
