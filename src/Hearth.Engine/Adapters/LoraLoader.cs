using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Kernels.MatMul;

namespace Hearth.Engine.Adapters;

/// <summary>
/// Attaches LoRA adapters to a model's matrices: <c>y = W x + scale * alpha / rank * B (A x)</c>. The mapped weights stay as they are.
/// </summary>
internal static class LoraLoader
{
    private const string Down = ".lora_a";
    private const string Up = ".lora_b";

    /// <summary>Attaches an adapter's matrices to the device.</summary>
    /// <param name="file">The adapter; its memory must outlive the device.</param>
    /// <param name="source">The model's weights, all of which have been asked for.</param>
    /// <param name="device">The model's device.</param>
    /// <param name="architecture">The model's architecture.</param>
    /// <param name="adapter">The adapter's number.</param>
    /// <exception cref="LoraException">The file is no adapter, or not one for this model.</exception>
    public static void Attach(GgufFile file, GgufWeightSource source, Device device, string architecture, int adapter)
    {
        float alpha = Check(file, architecture);
        foreach (string name in file.Tensors.Select(tensor => BaseName(file, tensor.Name)).Distinct())
        {
            if (!file.TryGetTensor(name + Down, out GgufTensor? down) || !file.TryGetTensor(name + Up, out GgufTensor? up))
            {
                throw LoraException.Incomplete(file.Path, name);
            }

            IReadOnlyList<WeightPart> parts = source.Parts(name);

            // A table is looked up as well as multiplied.
            if (parts.Count == 0 || name.EndsWith("embd.weight", StringComparison.Ordinal))
            {
                throw LoraException.UnknownTensor(file.Path, name);
            }

            AttachParts(file, device, adapter, alpha, down, up, parts);
        }
    }

    private static void AttachParts(GgufFile file, Device device, int adapter, float alpha, GgufTensor down, GgufTensor up, IReadOnlyList<WeightPart> parts)
    {
        int slices = parts.Max(part => part.Slice) + 1;
        int columns = parts[0].Weight.Columns;
        int rows = parts.Where(part => part.Slice == 0).Sum(part => part.Weight.Rows);
        long rank = Dimension(down, 1);
        Expect(file, down, columns, rank, slices);
        Expect(file, up, rank, rows, slices);
        if (rank > columns)
        {
            throw LoraException.Shape(file.Path, down.Name, down.Shape, $"a rank of at most {columns}");
        }

        float scale = alpha == 0 ? 1 : alpha / rank;
        foreach (WeightPart part in parts)
        {
            WeightMatrix downMatrix = slices == 1 ? file.Matrix(down) : file.Matrix(down, part.Slice);
            WeightMatrix upMatrix = (slices == 1 ? file.Matrix(up) : file.Matrix(up, part.Slice)).Slice(part.FirstRow, part.Weight.Rows);
            device.Adapt(part.Weight, new WeightAdapter(adapter, downMatrix, upMatrix, scale));
        }
    }

    private static float Check(GgufFile file, string architecture)
    {
        GgufMetadata metadata = file.Metadata;
        string? type = metadata.GetString("general.type");
        string? kind = metadata.GetString("adapter.type");
        if (type != "adapter" || kind != "lora")
        {
            throw LoraException.NotAnAdapter(file.Path, $"'{type}' and '{kind}'");
        }

        string? adapted = metadata.GetString("general.architecture");
        if (adapted != architecture)
        {
            throw LoraException.OtherArchitecture(file.Path, adapted ?? "", architecture);
        }

        if (metadata.ContainsKey("adapter.alora.invocation_tokens"))
        {
            throw LoraException.UnsupportedFeature(file.Path, "activation by tokens (aLoRA)");
        }

        double alpha = metadata.GetFloat("adapter.lora.alpha") ?? 0;
        return double.IsFinite(alpha) ? (float)alpha : throw LoraException.UnsupportedFeature(file.Path, $"the 'adapter.lora.alpha' {alpha}");
    }

    private static string BaseName(GgufFile file, string name)
    {
        foreach (string suffix in (ReadOnlySpan<string>)[Down, Up])
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                return name[..^suffix.Length];
            }
        }

        throw LoraException.UnknownTensor(file.Path, name);
    }

    private static long Dimension(GgufTensor tensor, int index) => index < tensor.Dimensions.Length ? tensor.Dimensions[index] : 1;

    private static void Expect(GgufFile file, GgufTensor tensor, long columns, long rows, long slices)
    {
        bool matches = Dimension(tensor, 0) == columns && Dimension(tensor, 1) == rows && Dimension(tensor, 2) == slices && Dimension(tensor, 3) == 1;
        if (!matches)
        {
            throw LoraException.Shape(file.Path, tensor.Name, tensor.Shape, slices == 1 ? $"[{columns}, {rows}]" : $"[{columns}, {rows}, {slices}]");
        }
    }
}
