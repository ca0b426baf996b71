using Hearth.Store.References;

namespace Hearth.Store.Tests.References;

public sealed class ModelReferenceTests
{
    private const string Hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("gemma3", "docker.io/ai/gemma3:latest", "gemma3")]
    [InlineData("gemma3:4B-Q4_0", "docker.io/ai/gemma3:4B-Q4_0", "gemma3:4B-Q4_0")]
    [InlineData("MyModel", "docker.io/ai/mymodel:latest", "mymodel")]
    [InlineData("MyModel:TagCase", "docker.io/ai/mymodel:TagCase", "mymodel:TagCase")]
    [InlineData("model:", "docker.io/ai/model:latest", "model")]
    [InlineData("  model  ", "docker.io/ai/model:latest", "model")]
    [InlineData("\tmodel\n", "docker.io/ai/model:latest", "model")]
    [InlineData("org/name", "docker.io/org/name:latest", "org/name")]
    [InlineData("ai/smollm2:360M-Q4_K_M", "docker.io/ai/smollm2:360M-Q4_K_M", "smollm2:360M-Q4_K_M")]
    [InlineData("ai/smollm2/part", "docker.io/ai/smollm2/part:latest", "ai/smollm2/part")]
    [InlineData("docker.io/smollm2", "docker.io/ai/smollm2:latest", "smollm2")]
    [InlineData("index.docker.io/ai/smollm2", "docker.io/ai/smollm2:latest", "smollm2")]
    [InlineData("Registry-1.Docker.IO/org/x:1", "docker.io/org/x:1", "org/x:1")]
    [InlineData("docker.io/library/x", "docker.io/library/x:latest", "library/x")]
    [InlineData("docker.io/dotted.org/x", "docker.io/dotted.org/x:latest", "docker.io/dotted.org/x")]
    [InlineData("docker.io/localhost/x", "docker.io/localhost/x:latest", "docker.io/localhost/x")]
    [InlineData("docker://docker.io/ai/x:1", "docker.io/ai/x:1", "x:1")]
    [InlineData("oci://registry.io/org/x", "registry.io/org/x:latest", "registry.io/org/x")]
    [InlineData("llama3.2", "docker.io/ai/llama3.2:latest", "llama3.2")]
    [InlineData("registry.io/org/name:t", "registry.io/org/name:t", "registry.io/org/name:t")]
    [InlineData("registry:5000/team/model", "registry:5000/team/model:latest", "registry:5000/team/model")]
    [InlineData("registry:5000/model:v1", "registry:5000/model:v1", "registry:5000/model:v1")]
    [InlineData("localhost/x", "localhost/x:latest", "localhost/x")]
    [InlineData("LocalHost:5000/x", "localhost:5000/x:latest", "localhost:5000/x")]
    [InlineData("127.0.0.1:5000/a/b/c:d", "127.0.0.1:5000/a/b/c:d", "127.0.0.1:5000/a/b/c:d")]
    [InlineData("[::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000/x")]
    [InlineData("[2001:DB8::1]/x:1", "[2001:db8::1]/x:1", "[2001:db8::1]/x:1")]
    [InlineData("my_host.example/x", "my_host.example/x:latest", "my_host.example/x")]
    [InlineData("a__b-c--d.e/f", "a__b-c--d.e/f:latest", "a__b-c--d.e/f")]
    [InlineData("ghcr.io/Org/Name", "ghcr.io/org/name:latest", "ghcr.io/org/name")]
    [InlineData($"x@sha256:{Hex}", $"docker.io/ai/x@sha256:{Hex}", $"x@sha256:{Hex}")]
    [InlineData($"x:latest@sha256:{Hex}", $"docker.io/ai/x:latest@sha256:{Hex}", $"x:latest@sha256:{Hex}")]
    [InlineData($"registry:5000/team/model@sha256:{Hex}", $"registry:5000/team/model@sha256:{Hex}", $"registry:5000/team/model@sha256:{Hex}")]
    [InlineData("https://hub.docker.com/r/ai/smollm2", "docker.io/ai/smollm2:latest", "smollm2")]
    [InlineData("https://hub.docker.com/r/ai/smollm2/tags?page=1#x", "docker.io/ai/smollm2:latest", "smollm2")]
    [InlineData("https://hub.docker.com/repository/docker/org/x/general", "docker.io/org/x:latest", "org/x")]
    [InlineData("https://docker.io/org/x:2", "docker.io/org/x:2", "org/x:2")]
    [InlineData("hf.co/Org/Repo:Q4_K_M", "hf.co/Org/Repo:Q4_K_M", "hf.co/Org/Repo:Q4_K_M")]
    [InlineData("huggingface.co/Org/Repo", "hf.co/Org/Repo", "hf.co/Org/Repo")]
    [InlineData("HF.co/Org/Repo:latest", "hf.co/Org/Repo", "hf.co/Org/Repo")]
    [InlineData("hf.co/Org/Repo:", "hf.co/Org/Repo", "hf.co/Org/Repo")]
    [InlineData("hf.co/Org/Repo/", "hf.co/Org/Repo", "hf.co/Org/Repo")]
    [InlineData("hf://Org/Repo", "hf.co/Org/Repo", "hf.co/Org/Repo")]
    [InlineData("hf://hf.co/Org/Repo", "hf.co/Org/Repo", "hf.co/Org/Repo")]
    [InlineData("hf.co/Org/Repo@main", "hf.co/Org/Repo", "hf.co/Org/Repo")]
    [InlineData("hf.co/Org/Repo@v1.0", "hf.co/Org/Repo@v1.0", "hf.co/Org/Repo@v1.0")]
    [InlineData("hf.co/Org/Repo:Q8_0@refs/pr/3", "hf.co/Org/Repo:Q8_0@refs/pr/3", "hf.co/Org/Repo:Q8_0@refs/pr/3")]
    [InlineData("hf.co/Org/Repo@refs/pr/3:Q8_0", "hf.co/Org/Repo:Q8_0@refs/pr/3", "hf.co/Org/Repo:Q8_0@refs/pr/3")]
    [InlineData("hf.co/Org/Repo@a/tree/b", "hf.co/Org/Repo@a/tree/b", "hf.co/Org/Repo@a/tree/b")]
    [InlineData("hf.co/Org/Repo:model-Q4_0.gguf", "hf.co/Org/Repo:model-Q4_0.gguf", "hf.co/Org/Repo:model-Q4_0.gguf")]
    [InlineData("https://huggingface.co/Org/Repo", "hf.co/Org/Repo", "hf.co/Org/Repo")]
    [InlineData("https://huggingface.co/Org/Repo/", "hf.co/Org/Repo", "hf.co/Org/Repo")]
    [InlineData("HTTPS://HuggingFace.co/Org/Repo/tree/main", "hf.co/Org/Repo", "hf.co/Org/Repo")]
    [InlineData("https://huggingface.co/Org/Repo/tree/v2", "hf.co/Org/Repo@v2", "hf.co/Org/Repo@v2")]
    [InlineData("https://huggingface.co/Org/Repo/tree/refs%2Fpr%2F3", "hf.co/Org/Repo@refs/pr/3", "hf.co/Org/Repo@refs/pr/3")]
    [InlineData("https://huggingface.co/Org/Repo/blob/main/sub/model-Q4_0.gguf", "hf.co/Org/Repo:model-Q4_0.gguf", "hf.co/Org/Repo:model-Q4_0.gguf")]
    [InlineData("https://huggingface.co/Org/Repo/resolve/main/my%20model.gguf?download=true", "hf.co/Org/Repo:my model.gguf", "hf.co/Org/Repo:my model.gguf")]
    [InlineData("https://hf.co/Org/Repo:Q4_K_M", "hf.co/Org/Repo:Q4_K_M", "hf.co/Org/Repo:Q4_K_M")]
    [InlineData("ollama.com/library/llama3.2:1b", "registry.ollama.ai/library/llama3.2:1b", "ollama.com/library/llama3.2:1b")]
    [InlineData("ollama.com/llama3.2", "registry.ollama.ai/library/llama3.2:latest", "ollama.com/library/llama3.2")]
    [InlineData("registry.ollama.ai/ns/m:t", "registry.ollama.ai/ns/m:t", "ollama.com/ns/m:t")]
    [InlineData("ollama.com/_the/_lucky:_stiff", "registry.ollama.ai/_the/_lucky:_stiff", "ollama.com/_the/_lucky:_stiff")]
    [InlineData("ollama://llama3.2", "registry.ollama.ai/library/llama3.2:latest", "ollama.com/library/llama3.2")]
    [InlineData("https://ollama.com/library/llama3.2", "registry.ollama.ai/library/llama3.2:latest", "ollama.com/library/llama3.2")]
    [InlineData("https://ollama.com/library/llama3.2:1b", "registry.ollama.ai/library/llama3.2:1b", "ollama.com/library/llama3.2:1b")]
    [InlineData("https://ollama.com/ns/m/tags", "registry.ollama.ai/ns/m:latest", "ollama.com/ns/m")]
    public void Text_HasANormalFormAndAShortOne(string text, string normal, string display)
    {
        ModelReference reference = ModelReference.Parse(text);
        Assert.Equal(normal, reference.ToString());
        Assert.Equal(display, reference.Display);
        Assert.Equal(reference, ModelReference.Parse(normal));
        Assert.Equal(reference, ModelReference.Parse(display));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("::")]
    [InlineData(":tag")]
    [InlineData("/nn/mm")]
    [InlineData("//")]
    [InlineData("hh//")]
    [InlineData("hh/nn/")]
    [InlineData("-hh/nn/mm:tt")]
    [InlineData("hh/-nn/mm:tt")]
    [InlineData("hh/nn-/mm")]
    [InlineData("host/name:space/model:tag")]
    [InlineData("m@d")]
    [InlineData("^")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/../b")]
    [InlineData("registry.io/../x")]
    [InlineData("./x")]
    [InlineData("/absolute/path")]
    [InlineData("C:\\models\\x.gguf")]
    [InlineData("x:-tag")]
    [InlineData("x:.tag")]
    [InlineData("x:a:b")]
    [InlineData("x:ä")]
    [InlineData("ä")]
    [InlineData("x@")]
    [InlineData("x@sha256:abc")]
    [InlineData("x@sha512:" + Hex)]
    [InlineData("x@sha256:" + Hex + "@sha256:" + Hex)]
    [InlineData("registry:99999/x")]
    [InlineData("registry:port/x")]
    [InlineData("registry:/x")]
    [InlineData("-bad.io/x")]
    [InlineData("bad-.io-/x")]
    [InlineData("a..b.io/x")]
    [InlineData("[::1/x")]
    [InlineData("[:::::]/x")]
    [InlineData("::1/x")]
    [InlineData("[fe80::1%25eth0]:5000/x")]
    [InlineData("registry.io/")]
    [InlineData("docker.io/")]
    [InlineData("https://")]
    [InlineData("https://huggingface.co")]
    [InlineData("https://huggingface.co/")]
    [InlineData("https://huggingface.co/datasets/Org/Set")]
    [InlineData("https://hub.docker.com/search?q=x")]
    [InlineData("https://hub.docker.com/u/ai")]
    [InlineData("https://registry.io/org/x")]
    [InlineData("http://localhost:5000/x")]
    [InlineData("ftp://hf.co/Org/Repo")]
    [InlineData("://x")]
    [InlineData("hf.co/Repo")]
    [InlineData("hf.co/a/b/c")]
    [InlineData("hf.co/Org/..")]
    [InlineData("hf.co/../Repo")]
    [InlineData("hf.co/Org/Re..po")]
    [InlineData("hf.co/Org/Repo@")]
    [InlineData("hf.co/Org/Repo@a..b")]
    [InlineData("hf.co/Org/Repo@-x")]
    [InlineData("hf.co/Org/Repo@sha256:" + Hex)]
    [InlineData("hf.co/Org/Repo:a/b")]
    [InlineData("https://huggingface.co/Org/Repo/tree/..%2F..")]
    [InlineData("https://huggingface.co/Org/Repo/blob/main/..%2Fx.gguf")]
    [InlineData("https://huggingface.co/Org/Repo/blob/main/x%00.gguf")]
    [InlineData("ollama.com/")]
    [InlineData("ollama.com/a/b/c")]
    [InlineData("ollama.com/na.me/m")]
    [InlineData("ollama.com/-n/m")]
    [InlineData("ollama.com/n/m:-t")]
    public void Text_IsRefused(string text)
    {
        ReferenceException exception = Assert.Throws<ReferenceException>(() => ModelReference.Parse(text));
        Assert.Equal(text, exception.Text);
        Assert.False(ModelReference.TryParse(text, out _));
    }

    [Fact]
    public void Lengths_HaveLimits()
    {
        Assert.NotNull(ModelReference.Parse($"x:{new string('t', 128)}"));
        Assert.Throws<ReferenceException>(() => ModelReference.Parse($"x:{new string('t', 129)}"));
        Assert.NotNull(ModelReference.Parse($"org/{new string('n', 251)}"));
        Assert.Throws<ReferenceException>(() => ModelReference.Parse($"org/{new string('n', 252)}"));
        Assert.NotNull(ModelReference.Parse($"ollama.com/{new string('n', 80)}/{new string('m', 80)}:{new string('t', 80)}"));
        Assert.Throws<ReferenceException>(() => ModelReference.Parse($"ollama.com/n/m:{new string('t', 81)}"));
        ReferenceException exception = Assert.Throws<ReferenceException>(() => ModelReference.Parse(new string('/', 1_000_000)));
        Assert.True(exception.Message.Length < 400);
    }

    [Fact]
    public void DefaultRegistry_IsTheOneOfNamesWithoutOne()
    {
        Assert.Equal("registry.example:5000/x:latest", ModelReference.Parse("x", "registry.example:5000").ToString());
        Assert.Equal("registry.example/org/x:1", ModelReference.Parse("org/x:1", "registry.example").ToString());
        Assert.Equal("docker.io/ai/x:latest", ModelReference.Parse("docker.io/ai/x", "registry.example").ToString());
        Assert.Equal(ModelReference.Parse("ollama.com/llama3.2"), ModelReference.Parse("llama3.2", "registry.ollama.ai"));
        Assert.Equal(ModelReference.Parse("hf.co/Org/Repo:Q8_0"), ModelReference.Parse("Org/Repo:Q8_0", "huggingface.co"));
        Assert.Equal(ModelReference.Parse("x"), ModelReference.Parse("x", "index.docker.io"));
        Assert.Throws<ReferenceException>(() => ModelReference.Parse("x", "not a host"));
    }

    [Theory]
    [InlineData("hf.co/Org/Repo:Q4_K_M", "hf.co/org/REPO:q4_k_m", true)]
    [InlineData("ollama.com/Library/M:T", "ollama.com/library/m:t", true)]
    [InlineData("hf.co/Org/Repo@Branch", "hf.co/org/repo@Branch", true)]
    [InlineData("hf.co/Org/Repo@Branch", "hf.co/Org/Repo@branch", false)]
    [InlineData("x:Tag", "x:tag", false)]
    [InlineData("X:tag", "x:tag", true)]
    [InlineData("x", "x:latest", true)]
    [InlineData("x", "org/x", false)]
    [InlineData("x@sha256:" + Hex, "x:latest@sha256:" + Hex, false)]
    public void References_AreEqual_WhenTheyNameTheSame(string left, string right, bool areEqual)
    {
        ModelReference one = ModelReference.Parse(left), other = ModelReference.Parse(right);
        Assert.Equal(areEqual, one.Equals(other));
        Assert.Equal(areEqual, one.GetHashCode() == other.GetHashCode());
    }

    [Fact]
    public void WithTag_KeepsTheRules()
    {
        Assert.Equal("x:2", ModelReference.Parse("x:1").WithTag("2").Display);
        Assert.Equal("x:2", ModelReference.Parse($"x@sha256:{Hex}").WithTag("2").Display);
        Assert.Equal("hf.co/Org/Repo:Q8_0@v1", ModelReference.Parse("hf.co/Org/Repo@v1").WithTag("Q8_0").ToString());
        Assert.Equal(ModelReference.Parse("hf.co/Org/Repo"), ModelReference.Parse("hf.co/Org/Repo:Q8_0").WithTag("latest"));
        Assert.Throws<ReferenceException>(() => ModelReference.Parse("x").WithTag("a/b"));
        Assert.Throws<ReferenceException>(() => ModelReference.Parse("x").WithTag(""));
        Assert.Throws<ReferenceException>(() => ModelReference.Parse("ollama.com/m").WithTag(new string('t', 81)));
    }

    [Fact]
    public void Message_HasNoCredentials()
    {
        ReferenceException exception = Assert.Throws<ReferenceException>(() => ModelReference.Parse("https://user:secret@registry.io/org/x"));
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
        Assert.Contains("registry.io/org/x", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void References_OfAnyKind_AreReadBack()
    {
        Random random = new(2026);
        for (int round = 0; round < 5_000; round++)
        {
            string text = Generate(random);
            ModelReference reference = ModelReference.Parse(text);
            Assert.Equal(reference, ModelReference.Parse(reference.ToString()));
            Assert.Equal(reference.ToString(), ModelReference.Parse(reference.ToString()).ToString());
            Assert.Equal(reference, ModelReference.Parse(reference.Display));
            Assert.Equal(reference, ModelReference.Parse($" {text}\n"));
        }
    }

    [Fact]
    public void AnyText_IsReadBackOrRefused()
    {
        string[] pieces =
        [
            "a", "B", "7", ".", "-", "_", "__", "/", ":", "@", "//", "://", "%", "%2F", "%00", " ", "\t", "\0", "ä", "\u212a", "🙂", "\ud800", "?", "#", "[", "]", "::1", "..", "latest", "main", "ai", "library",
            "docker.io", "hf.co", "huggingface.co", "ollama.com", "localhost", "https", "hf", "docker", "tree", "blob", "resolve", "r", "sha256", Hex, ":5000", "registry.io", "Org/Repo", "x", new string('n', 90),
        ];
        Random random = new(42);
        int read = 0;
        for (int round = 0; round < 50_000; round++)
        {
            string text = string.Concat(random.GetItems(pieces, random.Next(1, 9)));
            if (ModelReference.TryParse(text, out ModelReference? reference))
            {
                read++;
                Assert.Equal(reference, ModelReference.Parse(reference.ToString()));
                Assert.Equal(reference, ModelReference.Parse(reference.Display));
                Assert.DoesNotContain(reference.Repository.Split('/'), part => part is "" or "." or "..");
                Assert.True(reference.ToString().All(character => character is >= ' ' and < (char)127));
            }
        }

        Assert.True(read > 1_000, $"{read}");
    }

    private static string Generate(Random random)
    {
        string Word(string first, string rest, int most) => string.Concat(random.GetItems(first.AsSpan(), 1)) + string.Concat(random.GetItems(rest.AsSpan(), random.Next(most)));
        const string Lower = "abcdefghijklmnopqrstuvwxyz0123456789";
        const string Letters = Lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        string Part() => string.Join(random.GetItems(new[] { ".", "_", "__", "-", "---" }, 1)[0], Enumerable.Range(0, random.Next(1, 4)).Select(_ => Word(Letters, Letters, 6)));
        string End(bool digest) => (random.Next(2) == 0 ? $":{Word(Letters + "_", Letters + "_.-", 20)}" : string.Empty) + (digest && random.Next(4) == 0 ? $"@{Digest.Of([(byte)random.Next(256)])}" : string.Empty);
        return random.Next(5) switch
        {
            0 => Part() + End(digest: true),
            1 => string.Join('/', Enumerable.Range(0, random.Next(2, 5)).Select(_ => Word(Letters, Letters, 8))) + End(digest: true),
            2 => $"{random.GetItems(new[] { "localhost", "registry:5000", "ghcr.io", "[::1]:443", "10.0.0.1", "docker.io", "index.docker.io" }, 1)[0]}/{string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Part()))}{End(digest: true)}",
            3 => $"hf.co/{Word(Letters, Letters + "-_", 20)}/{Word(Letters, Letters + "-_", 30)}{End(digest: false)}{(random.Next(3) == 0 ? $"@{string.Join('/', Enumerable.Range(0, random.Next(1, 3)).Select(_ => Word(Letters, Letters + "_-", 10)))}" : string.Empty)}",
            _ => $"ollama.com/{(random.Next(2) == 0 ? $"{Word(Letters + "_", Letters + "_-", 20)}/" : string.Empty)}{Word(Letters + "_", Letters + "_-.", 20)}{End(digest: true)}",
        };
    }
}
