using System.Security.Cryptography;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <summary>Writes the file of a case: the tensors that the architecture's family asks for, with values by their names.</summary>
internal static class ModelSynthesizer
{
    /// <summary>Writes the file and gives the SHA-256 of its bytes.</summary>
    public static string Write(ModelCase model, string path)
    {
        GgufMetadata metadata = model.Metadata();
        RecordingWeightSource source = new(model);
        ModelFamily.Compose(metadata, source);
        GgufWriter writer = new(metadata);
        foreach (RecordedTensor tensor in source.Tensors)
        {
            writer.Add(tensor.Name, tensor.Dimensions, WeightValues.Make(model, tensor));
        }

        writer.Save(path);
        return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
    }
}
