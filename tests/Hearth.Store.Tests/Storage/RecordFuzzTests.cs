using System.Text;
using System.Text.Json;
using Hearth.Store.Registries.Oci;
using Hearth.Store.Storage;
using Hearth.Store.Transfer;
using Hearth.Tests.Fuzzing;

namespace Hearth.Store.Tests.Storage;

/// <summary>Changed small files of a store, and headers that ask for authentication: each is read or refused.</summary>
public sealed class RecordFuzzTests(ITestOutputHelper output) : FuzzTests(output), IDisposable
{
    private const long Size = 1_000_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("hearth-records-").FullName;

    // What it is, and its text.
    private protected override FuzzTarget Target => new("records", Read)
    {
        Seeds =
        [
            .. new[]
            {
                """r{"reference":"docker.io/ai/x:latest","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":5,"updated":"2025-03-19T10:13:11.123456789+01:00","facts":{"package":"docker","format":"gguf","architecture":"llama","parameters":"1M","quantization":"F16","size":"1KiB","contextSize":4096,"trainedContext":null,"created":"2025-03-19T10:13:11Z"}}""",
                """l{"version":"1","movedTo":null,"movingFrom":"/a","movedFrom":"/b"}""", """j{"size":1000000,"ranges":[0,5,10,20,999990,1000000]}""", """j{"size":1000000,"ranges":[]}""",
                "cBearer realm=\"https://auth.example/token\",service=\"registry.example\",scope=\"repository:a/b:pull,push\", Basic realm=x, Negotiate",
            }.Select(Encoding.UTF8.GetBytes),
        ],
        Words = ["\"reference\":", "\"digest\":", "\"size\":", "\"facts\":{}", "\"package\":\"Ollama\"", "\"ranges\":[", "\"updated\":\"9999-12-31T23:59:59+14:00\"", "0,1,", "null", "[]", "{}", "1e2", "\"\\ud800\"", "Bearer ", "realm=", "\"", ",", "=", "\\", " "],
        IsRefusal = FuzzTarget.Refusals(typeof(JsonException), typeof(InvalidDataException)),
        MaxMessage = int.MaxValue,
        Rounds = 2000,
        MaxLength = RecordReader.MaxBytes,
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Read(byte[] bytes)
    {
        byte[] text = bytes[Math.Min(1, bytes.Length)..];
        if (bytes is [(byte)'c', ..])
        {
            return $"{AuthenticationChallenge.Parse(Encoding.Latin1.GetString(text)).Count} challenges";
        }

        string path = Path.Combine(_folder, "file");
        File.WriteAllBytes(path, text);
        switch ((char)bytes.ElementAtOrDefault(0))
        {
            case 'j':
                ByteRanges ranges = new TransferJournal(path, new UnflushedFiles()).Read(Size, Size / 2);
                long end = 0;
                Assert.All(ranges.Ranges, range =>
                {
                    Assert.InRange(range.Start, end, range.End - 1);
                    Assert.InRange(range.End, range.Start + 1, Size / 2);
                    end = range.End;
                });
                return $"{ranges.Ranges.Count} ranges";
            case 'l':
                return $"layout {RecordReader.ReadLayout(path).MovedTo is null}";
            default:
                ReferenceRecord record = RecordReader.ReadReference(path);
                Assert.True(Enum.IsDefined(record.Facts.Package) && record.Size >= 0);
                return $"{record.Facts.Package} {record.Reference is null} {record.Facts.ContextSize is null}";
        }
    }
}
