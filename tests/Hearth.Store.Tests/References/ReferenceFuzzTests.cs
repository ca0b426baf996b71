using System.Text;
using Hearth.Store.References;
using Hearth.Tests.Fuzzing;

namespace Hearth.Store.Tests.References;

/// <summary>Changed references: each is read or refused, and what it is shown as means the same model, in no folder outside.</summary>
public sealed class ReferenceFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private protected override FuzzTarget Target { get; } = new("reference", Read)
    {
        Seeds =
        [
            .. new[]
            {
                "smollm2", "ai/smollm2:360M-Q4_K_M", "docker.io/ai/smollm2@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "localhost:5000/a/b/c:v1.0", "hf.co/Owner/Repo-GGUF:Q8_0", "huggingface.co/a/b", "https://hf.co/a/b/tree/main",
                "registry.ollama.ai/library/llama3.2:1b", "[::1]:5000/a:b", "registry.example.com/x@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "ollama://x:y", "hf://a/b@revision", "oci://a.b/c", "127.0.0.1:80/x",
            }.Select(Encoding.UTF8.GetBytes),
        ],
        Words = ["/", ":", "@", "..", ".", "-", "_", "__", "sha256:", "hf.co/", "docker.io/", "library/", "ai/", "latest", "http://", "?", "#", "%2e", "%2F", "\\", "xn--", "é", "A", "[", "]", ":65536", "localhost"],
        IsRefusal = FuzzTarget.Refusals(typeof(ReferenceException)),
        Rounds = 10_000,
        MaxLength = 4 * 1024,
    };

    private static string Read(byte[] bytes)
    {
        ModelReference reference = ModelReference.Parse(Encoding.UTF8.GetString(bytes));
        Assert.Equal(reference, ModelReference.Parse(reference.ToString()));
        Assert.Equal(reference, ModelReference.Parse(reference.Display));
        Assert.DoesNotContain(reference.Key.Split('/', '\\'), part => part is "" or "." or "..");
        return $"{reference.Kind} {reference.Tag is null} {reference.Digest is null} {reference.Revision is null} {reference.Repository.Count(character => character == '/')}";
    }
}
