using System.Text.RegularExpressions;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary>SECURITY.md promises nothing that no test shows.</summary>
public sealed partial class SecurityDocumentTests
{
    private static readonly string s_tests = Path.Combine(Golden.RepositoryRoot, "tests");

    [Fact]
    public void Promises_HaveTestsThatThereAre()
    {
        string[] sources = [.. Directory.EnumerateFiles(s_tests, "*Tests.cs", SearchOption.AllDirectories).Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")).Select(File.ReadAllText)];
        (string Promise, string[] Tests)[] rows = [.. Rows()];

        Assert.InRange(rows.Length, 40, 200);
        Assert.Empty(rows.Where(row => row.Tests.Length == 0).Select(row => row.Promise));
        Assert.DoesNotContain(rows.SelectMany(row => row.Tests), test => !sources.Any(source => HasTest(source, test)));
    }

    [Theory]
    [InlineData("    [Fact]\n    public void One() => Act();", "A.One", true)]
    [InlineData("    [Theory]\n    [InlineData(1)]\n    [InlineData(2)]\n    public async Task One(int number)", "A.One", true)]
    [InlineData("    public void One() => Act();", "A.One", false)]
    [InlineData("    [Fact]\n    public void Another() => One();", "A.One", false)]
    [InlineData("    [Fact]\n    public void OneMore() => Act();", "A.One", false)]
    [InlineData("    [Fact]\n    public void One() => Act();", "B.One", false)]
    [InlineData("    [Fact(Skip = \"later\")]\n    public void One() => Act();", "A.One", false)]
    public void Test_IsOneThatRuns(string body, string test, bool expected) => Assert.Equal(expected, HasTest($"public sealed class A(int b)\n{{\n{body}\n}}", test));

    private static IEnumerable<(string Promise, string[] Tests)> Rows()
    {
        string document = File.ReadAllText(Path.Combine(Golden.RepositoryRoot, "SECURITY.md")).ReplaceLineEndings("\n");
        foreach (string line in document[document.IndexOf("## What is promised", StringComparison.Ordinal)..].Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| ---", StringComparison.Ordinal) && !line.StartsWith("| promise", StringComparison.Ordinal)))
        {
            string[] cells = line.Trim('|', ' ').Split(" | ");
            Assert.True(cells.Length == 2, line);
            yield return (cells[0], [.. TestName().Matches(cells[1]).Select(match => match.Groups[1].Value)]);
        }
    }

    private static bool HasTest(string source, string test)
    {
        string[] parts = test.Split('.');
        return Regex.IsMatch(source, $@"\bclass {parts[0]}\b")
            && Regex.IsMatch(source, $@"\[(Fact|Theory)\]\r?\n(\s*(\[|//|#|""|\{{|\}}|<).*\n)*\s*public (async )?(void|Task) {parts[1]}\(");
    }

    [GeneratedRegex("`([A-Za-z]+Tests\\.\\w+)`")]
    private static partial Regex TestName();
}
