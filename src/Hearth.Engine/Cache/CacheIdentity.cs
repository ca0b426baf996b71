using System.Security.Cryptography;
using System.Text;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Cache;

/// <summary>
/// What the bits of a cache depend on: the model's file, its adapters, the context in force, the cache's type, and the program that computed them.
/// </summary>
internal static class CacheIdentity
{
    private const int SampleBytes = 256;
    private const int MaxHeaderBytes = 64 << 20;

    /// <summary>A digest of all that. Weights are sampled at the beginning of each tensor; with them go the files' lengths and times.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static byte[] Of(OpenedModel opened, KvStorage storage, int contextLength)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, $"{typeof(CacheIdentity).Assembly.ManifestModule.ModuleVersionId} {typeof(KvStorage).Assembly.ManifestModule.ModuleVersionId}");
        Append(hash, $"{storage.Type} {storage.BlockBytes} {contextLength}");
        AppendFile(hash, opened.File);
        for (int adapter = 0; adapter < opened.Adapters.Files.Count; adapter++)
        {
            Append(hash, $"{opened.Adapters.Adapters[adapter].Scale:R}");
            AppendFile(hash, opened.Adapters.Files[adapter]);
        }

        return hash.GetHashAndReset();
    }

    private static void AppendFile(IncrementalHash hash, GgufFile file)
    {
        for (int part = 0; part < file.Paths.Count; part++)
        {
            FileInfo info = new(file.Paths[part]);
            Append(hash, $"{info.Length} {info.LastWriteTimeUtc.Ticks}");
            long header = file.Tensors.Where(tensor => tensor.Part == part).Select(tensor => tensor.Offset).DefaultIfEmpty(info.Length).Min();
            byte[] bytes = new byte[Math.Min(header, MaxHeaderBytes)];
            using FileStream stream = info.OpenRead();
            hash.AppendData(bytes, 0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }

        foreach (GgufTensor tensor in file.Tensors)
        {
            hash.AppendData(file.Data(tensor, 0, (int)Math.Min(tensor.ByteLength, SampleBytes)));
        }
    }

    private static void Append(IncrementalHash hash, FormattableString text) =>
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant(text) + "\n"));
}
