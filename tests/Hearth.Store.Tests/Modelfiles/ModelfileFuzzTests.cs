using System.Text;
using Hearth.Store.Modelfiles;
using Hearth.Store.Packaging;
using Hearth.Tests.Fuzzing;

namespace Hearth.Store.Tests.Modelfiles;

/// <summary>Changed Modelfiles: each is read or refused, and what is written of it is read as the same.</summary>
public sealed class ModelfileFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private protected override FuzzTarget Target { get; } = new("modelfile", Read)
    {
        Seeds =
        [
            .. "FROM \"a b\"\r\n# comment\nADAPTER ./a\nPARAMETER stop \"\"\"x\n\"\"\"\nTEMPLATE \"\"\"{{ .Prompt }}\n{% if %}\"\"\"\nSYSTEM \"hi\"\nMESSAGE user hello\nLICENSE MIT\nREQUIRES 0.1.2\n|FROM x\nPARAMETER num_ctx 4096\nPARAMETER temperature 0.7\nPARAMETER stop a\nPARAMETER stop b\nDRAFT y\nRENDERER r\nPARSER p\n|from x\n  system \"\"\"a\"\"b\"\"\"\"\n|FROM x\nMESSAGE assistant \"\"\"a\n\nb\"\"\"\nTEMPLATE plain"
                .Split('|').Select(Encoding.UTF8.GetBytes),
            [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("FROM x\nSYSTEM é🦙\n")], [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes("FROM x\n")], [.. Encoding.UTF8.Preamble, .. "FROM x"u8],
        ],
        Words = ["FROM ", "PARAMETER ", "TEMPLATE ", "SYSTEM ", "ADAPTER ", "DRAFT ", "RENDERER ", "PARSER ", "MESSAGE ", "REQUIRES ", "LICENSE ", "\"\"\"", "\"", "\n", "\r\n", "#", "user ", "assistant ", "stop ", "num_ctx ", "temperature ", "1e999", "\u2028", "\u0085", "\\", "{{ .Prompt }}", "{% if %}"],
        IsRefusal = FuzzTarget.Refusals(typeof(ModelfileException), typeof(PackageException)),
        Rounds = 1500,
        AllocationPerByte = 400,
    };

    private static string Read(byte[] bytes)
    {
        Modelfile read = Modelfile.Parse(bytes);
        string written = read.ToString();
        Assert.Equal(written, Modelfile.Parse(Encoding.UTF8.GetBytes(written)).ToString());
        int parameters = OllamaParameters.Read(read.Parameters, progress: null).Count;
        return $"{read.From.Count} {read.Adapters.Count} {read.Messages.Count} {parameters} {read.System is null} {read.Template?.Language}";
    }
}
