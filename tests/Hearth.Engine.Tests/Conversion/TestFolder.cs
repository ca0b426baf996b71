using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Conversion;
using Hearth.Engine.Gguf;
using Hearth.Kernels.Threading;

namespace Hearth.Engine.Tests.Conversion;

/// <summary>A Hugging Face model folder that goes away with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hearth-convert-").FullName;

    public TestFolder() => Directory.CreateDirectory(Folder);

    public string Folder => Path.Combine(_root, "Tiny-Model");

    public string Output => Path.Combine(_root, "model.gguf");

    public string Combine(string name) => Path.Combine(Folder, name);

    public void Write(string name, JsonNode json) => File.WriteAllText(Combine(name), json.ToJsonString());

    public void Write(string name, byte[] bytes) => File.WriteAllBytes(Combine(name), bytes);

    /// <summary>Writes the tensors of a model into one file, or into several with an index.</summary>
    public void WriteTensors(IReadOnlyList<TestTensor> tensors, int files = 1)
    {
        if (files == 1)
        {
            Write("model.safetensors", Safetensors(tensors));
            return;
        }

        JsonObject map = [];
        for (int i = 0; i < files; i++)
        {
            string name = $"model-{i + 1:D5}-of-{files:D5}.safetensors";
            TestTensor[] part = [.. tensors.Where((_, index) => index % files == i)];
            Array.ForEach(part, tensor => map[tensor.Name] = name);
            Write(name, Safetensors(part));
        }

        Write("model.safetensors.index.json",
            new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 1 }, ["weight_map"] = map });
    }

    /// <summary>The bytes of a safetensors file.</summary>
    public static byte[] Safetensors(IEnumerable<TestTensor> tensors)
    {
        JsonObject header = new() { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        using MemoryStream data = new();
        foreach (TestTensor tensor in tensors)
        {
            long begin = data.Length;
            data.Write(tensor.Bytes);
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = tensor.Type,
                ["shape"] = new JsonArray([.. tensor.Shape.Select(dimension => (JsonNode)dimension)]),
                ["data_offsets"] = new JsonArray(begin, data.Length),
            };
        }

        return Safetensors(header.ToJsonString(), data.ToArray());
    }

    public static byte[] Safetensors(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        return [.. length, .. json, .. data];
    }

    /// <summary>Converts the folder and opens the result.</summary>
    public GgufFile Convert(ConversionOptions? options = null)
    {
        Save(options);
        return GgufFile.Open(Output);
    }

    /// <summary>Converts the folder.</summary>
    /// <returns>The notes.</returns>
    public IReadOnlyList<string> Save(ConversionOptions? options = null)
    {
        using ModelConversion conversion = ModelConversion.Open(Folder, options ?? new ConversionOptions());
        using ComputePool pool = new(2);
        conversion.Save(Output, overwrite: true, pool, cancellationToken: TestContext.Current.CancellationToken);
        return conversion.Notes;
    }

    /// <summary>A conversion's error.</summary>
    public ConversionException Error(ConversionOptions? options = null) => Assert.Throws<ConversionException>(() => Save(options));

    public JsonObject Read(string name) =>
        JsonNode.Parse(File.ReadAllText(Combine(name)), documentOptions: new JsonDocumentOptions())!.AsObject();

    /// <summary>Changes a JSON file.</summary>
    public void Change(string name, Action<JsonObject> change)
    {
        JsonObject json = Read(name);
        change(json);
        Write(name, json);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}

/// <summary>A tensor of a folder: values that its type holds exactly.</summary>
internal sealed class TestTensor
{
    public TestTensor(string name, string type, int[] shape, float[] values)
    {
        Name = name;
        Type = type;
        Shape = shape;
        Values = type switch
        {
            "F16" => Array.ConvertAll(values, value => (float)(Half)value),
            "BF16" => Array.ConvertAll(
                values, value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF_0000)),
            _ => values,
        };
    }

    public string Name { get; }

    public string Type { get; }

    public int[] Shape { get; }

    public float[] Values { get; }

    public byte[] Bytes => Type switch
    {
        "F16" => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(Values, value => (Half)value)).ToArray(),
        "BF16" => MemoryMarshal.AsBytes<ushort>(
            Array.ConvertAll(Values, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))).ToArray(),
        "F64" => MemoryMarshal.AsBytes<double>(Array.ConvertAll(Values, value => (double)value)).ToArray(),
        _ => MemoryMarshal.AsBytes<float>(Values).ToArray(),
    };
}
