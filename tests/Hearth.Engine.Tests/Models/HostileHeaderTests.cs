using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Tests.Models;

/// <summary>
/// Every entry that an architecture's header has, with values that nobody means: the file is refused with a typed error, or it runs; it
/// never crashes or allocates what its tensors do not need.
/// </summary>
public sealed class HostileHeaderTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    private const long MaxScratch = 1 << 22;

    public static TheoryData<string> Cases => [.. ModelCases.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void AnyValueOfAnyEntry_RunsOrIsRefused(string name)
    {
        ModelCase model = ModelCases.All.Single(found => found.Name == name);
        ModelSynthesizer.Write(model, _path);
        using GgufFile file = GgufFile.Open(_path);
        GgufMetadata header = file.Metadata;
        List<string> faults = [];
        foreach ((string key, GgufValue value) in header.Where(entry => entry.Key.StartsWith(model.Architecture + ".", StringComparison.Ordinal)))
        {
            foreach (GgufValue? hostile in HostileValues(value))
            {
                IEnumerable<KeyValuePair<string, GgufValue>> others = header.Where(entry => entry.Key != key);
                GgufMetadata changed = GgufMetadata.FromPairs(hostile is GgufValue found ? [.. others, KeyValuePair.Create(key, found)] : [.. others]);
                if (Fault(changed, file) is string fault)
                {
                    faults.Add($"{key} = {hostile?.ToString() ?? "absent"}: {fault}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(20)));
    }

    public void Dispose() => File.Delete(_path);

    private static string? Fault(GgufMetadata header, GgufFile file)
    {
        using CpuDevice device = new(1);
        try
        {
            (ModelBuilder builder, DecoderDefinition definition) = ModelFamily.Compose(header, new GgufWeightSource(file, device));
            if (builder.Scratch.Columns > MaxScratch)
            {
                return $"{builder.Scratch.Columns} elements of scratch for a token";
            }

            Run(new Decoder(device, builder, definition));
            return null;
        }
        catch (Exception exception) when (exception is ModelException or GgufException)
        {
            return null;
        }
#pragma warning disable CA1031 // Whatever else is thrown is what the test looks for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return $"{exception.GetType().Name} {exception.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Hearth.Engine", StringComparison.Ordinal))?.Trim()}";
        }
    }

    private static void Run(Decoder decoder)
    {
        using KvPool pool = decoder.CreateCache(2, KvElementType.F32);
        Batch batch = new();
        Sequence sequence = new();
        Assert.True(pool.TryReserve(sequence, 3));
        batch.Add(sequence, [0, 1, 0], LogitRows.Last);
        if (decoder.HasLogits)
        {
            decoder.Forward(batch, pool, new float[decoder.Config.VocabularySize]);
        }
        else
        {
            decoder.Embed(batch, pool, new float[decoder.Config.EmbeddingLength]);
        }
    }

    private static IEnumerable<GgufValue?> HostileValues(GgufValue value)
    {
        yield return null;
        foreach (GgufValue other in (GgufValue[])
            [0u, 1u, 2u, 3u, 7u, 63u, 65u, 4096u, 1u << 24, int.MaxValue, uint.MaxValue, -1, ulong.MaxValue, 0f, -1f, 1e30f, float.NaN, float.PositiveInfinity, true, "x", new[] { 1u }, Array.Empty<uint>(), new[] { "x" }])
        {
            yield return other;
        }

        if (value.IsArray && value.TryGetIntegers(out int[]? integers))
        {
            yield return integers[..^1];
            yield return integers.Select(_ => 0).ToArray();
            yield return integers.Select(_ => -1).ToArray();
            yield return integers.Select(_ => int.MaxValue).ToArray();
            yield return integers.Select((_, i) => i).ToArray();
        }
    }
}
