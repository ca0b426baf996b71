using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Models;

/// <summary>Models of every architecture with changed headers: each is loaded and computes, or is refused.</summary>
public sealed class ModelFuzzTests : FuzzTests, IDisposable
{
    private static readonly LanguageModelOptions s_options = new() { Threads = 1, ContextLength = 64 };
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.gguf");
    private readonly byte[][] _headers;
    private readonly long _length;

    public ModelFuzzTests(ITestOutputHelper output)
        : base(output)
    {
        // One model of each architecture; of its weights the header alone, for they are zeros.
        List<byte[]> headers = [];
        foreach (ModelCase model in ModelCases.All.DistinctBy(model => model.Architecture))
        {
            ModelSynthesizer.Write(model, _path);
            using GgufFile file = GgufFile.Open(_path);
            _length = Math.Max(_length, new FileInfo(_path).Length);
            headers.Add(File.ReadAllBytes(_path)[..(int)file.Tensors.Min(tensor => tensor.Offset)]);
        }

        _headers = [.. headers];
    }

    private protected override FuzzTarget Target => new("model", Read)
    {
        Seeds = _headers,
        Words = [.. ModelCases.All.SelectMany(model => model.Metadata().Keys).Distinct(), "general.architecture", "\u0000\u0000\u0000\u0000", "\u0001\u0000\u0000\u0000", "\u0000\u0000\u0080\u007f"],
        IsRefusal = FuzzTarget.Refusals(typeof(GgufException), typeof(ModelException), typeof(ContextMemoryException)),
        Rounds = 300,
        AllocationBase = 64 * 1024 * 1024,
        AllocationPerByte = 1024,
    };

    public void Dispose() => File.Delete(_path);

    private string Read(byte[] bytes)
    {
        using (FileStream file = File.Create(_path))
        {
            file.Write(bytes);
            file.SetLength(bytes.Length + _length);
        }

        using LogitScorer scorer = LogitScorer.Load(_path, s_options);
        int rows = 0;
        scorer.Score([0, 0, 0], row => rows += row.Length > 0 ? 1 : 0, TestContext.Current.CancellationToken);
        return $"{scorer.Config.Architecture} {rows}";
    }
}
