using System.Buffers.Binary;
using Hearth.Engine.Conversion.Safetensors;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Conversion;

/// <summary>Changed safetensors files: each is read or refused.</summary>
public sealed class SafetensorsFuzzTests(ITestOutputHelper output) : FuzzTests(output), IDisposable
{
    private readonly TestFolder _folder = new();

    private protected override FuzzTarget Target => new("safetensors", Read)
    {
        Seeds =
        [
            TestFolder.Safetensors([new TestTensor("a", "F32", [2, 3], [1, 2, 3, 4, 5, 6]), new TestTensor("b", "F16", [4], [1, 2, 3, 4]), new TestTensor("c", "BF16", [1, 1], [1])]), TestFolder.Safetensors("{}", []),
            TestFolder.Safetensors("""{"x":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"__metadata__":{"a":"b"}}""", new byte[8]), TestFolder.Safetensors("""{"x":{"dtype":"F8_E4M3","shape":[0,5],"data_offsets":[0,0]}}    """, []),
        ],
        Words = ["\"dtype\":", "\"shape\":", "\"data_offsets\":", "\"__metadata__\":{},", "\"F64\"", "\"BOOL\"", "\"F4\"", "[]", "{}", "null", "\"\\ud800\"", ",", ":", "}"],
        IsRefusal = FuzzTarget.Refusals(typeof(SafetensorsException)),
        Repair = Repair,
        Rounds = 1000,
        MaxLength = 8 * 1024,
        AllocationPerByte = 1024,
    };

    public void Dispose() => _folder.Dispose();

    private string Read(byte[] bytes)
    {
        _folder.Write("model.safetensors", bytes);
        using SafetensorsFile file = SafetensorsFile.Open(_folder.Combine("model.safetensors"));
        Assert.All(file.Tensors, tensor => Assert.Equal(tensor.Length, file.Data(tensor, 0, (int)tensor.Length).Length));
        return $"{file.Tensors.Count}";
    }

    // The header's length, as far as its last brace.
    private static void Repair(byte[] bytes)
    {
        int end = bytes.AsSpan().LastIndexOf((byte)'}');
        if (end > sizeof(ulong))
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, end + 1 - sizeof(ulong));
        }
    }
}
