
namespace Hearth.Engine.Models.Families;

/// <summary>Llama, Mistral and Mixtral: the defaults of every description.</summary>
internal sealed class LlamaFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["llama"];
}
