using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Models;

/// <summary>Sound files whose metadata lies.</summary>
public sealed class HostileMetadataTests
{
    private static readonly GgufValue[] s_values =
    [
        0u, 1u, 7u, 8u, 4096u, (uint)int.MaxValue, uint.MaxValue, ulong.MaxValue, -1, long.MinValue,
        float.NaN, float.PositiveInfinity, -1f, 0f, 1e30f, "text", string.Empty, true, new int[] { 1, 2 }, Array.Empty<string>(), new[] { "a" },
    ];

    [Fact]
    public void EveryEntryWithEveryValue_LoadsOrIsATypedError()
    {
        using GgufFile original = GgufFile.Open(Golden.Path("stories", "stories260K.gguf"));
        string path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.gguf");
        int refused = 0;
        try
        {
            foreach (string key in original.Metadata.Keys)
            {
                foreach (GgufValue value in s_values)
                {
                    Write(original, key, value, path);
                    refused += Loads(path, out Exception? error) ? 0 : 1;
                    Assert.True(
                        error is null or GgufException or ModelException or TokenizerException or TemplateException or ContextMemoryException,
                        $"{key} = {value}: {error}");
                }
            }
        }
        finally
        {
            File.Delete(path);
        }

        Assert.InRange(refused, 100, int.MaxValue);
    }

    [Fact]
    public void ShortContext_Loads()
    {
        using GgufFile original = GgufFile.Open(Golden.Path("stories", "stories260K.gguf"));
        string path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.gguf");
        try
        {
            Write(original, "llama.context_length", 8u, path);
            using LanguageModel model = LanguageModel.Load(path);
            Assert.Equal(8, model.ContextLength);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ContextBeyondTheMemory_IsRefusedWithTheNumbers()
    {
        ContextMemoryException error = Assert.Throws<ContextMemoryException>(() => LanguageModel.Load(
            Golden.Path("stories", "stories260K.gguf"),
            new LanguageModelOptions { ContextLength = int.MaxValue }));

        Assert.Equal(int.MaxValue, error.ContextLength);
        Assert.True(error.NeededBytes > error.AvailableBytes);
    }

    private static bool Loads(string path, out Exception? error)
    {
        error = null;
        try
        {
            LanguageModel.Load(path, new LanguageModelOptions { Threads = 1 }).Dispose();
            return true;
        }
#pragma warning disable CA1031 // The test's question is which exception it is.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error = exception;
            return false;
        }
    }

    private static void Write(GgufFile original, string key, GgufValue value, string path)
    {
        GgufWriter writer = new(original.Metadata);
        writer.Set(key, value);
        foreach (GgufTensor tensor in original.Tensors)
        {
            writer.Add(tensor.Name, tensor.Type, [.. tensor.Dimensions], original.Data(tensor).ToArray());
        }

        writer.Save(path);
    }
}
