using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Tests.Quantization;

/// <summary>A folder with a small F32 model, removed afterwards.</summary>
internal sealed class Workspace : IDisposable
{
    public Workspace() => new GgufWriter()
        .Set("general.architecture", "llama").Set("general.name", "small").Set("llama.block_count", 2u)
        .Add("token_embd.weight", [512, 40], Values(512 * 40, 1))
        .Add("blk.0.attn_norm.weight", [512], Values(512, 2))
        .Add("blk.0.attn_v.weight", [512, 24], Values(512 * 24, 3))
        .Add("blk.0.ffn_down.weight", [96, 24], Values(96 * 24, 4))
        .Add("blk.1.ffn_gate_exps.weight", [512, 3, 4], Values(512 * 3 * 4, 5))
        .Add("ids.weight", TensorType.I32, [4, 2], new byte[32])
        .Save(ModelPath);

    public string Folder { get; } = Directory.CreateTempSubdirectory("hearth-quantize-").FullName;

    public string ModelPath => System.IO.Path.Combine(Folder, "model.gguf");

    public GgufFile Model() => GgufFile.Open(ModelPath);

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    public string[] Files() => [.. Directory.GetFileSystemEntries(Folder).Select(path => System.IO.Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static float[] Values(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5))];
    }
}
