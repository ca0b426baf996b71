using Hearth.Store.Registries.Oci;

namespace Hearth.Store.Tests.Registries;

public sealed class AuthenticationChallengeTests
{
    [Theory]
    [InlineData("Bearer realm=\"https://auth.example/token\",service=\"registry.example\",scope=\"repository:a/b:pull,push\"")]
    [InlineData("bearer realm=https://auth.example/token, service=registry.example, scope=\"repository:a/b:pull,push\"")]
    [InlineData("BEARER   realm = \"https://auth.example/token\" ,\tSERVICE=\"registry.example\",, scope=\"repository:a/b:pull,push\", error=\"x\"")]
    public void Bearer_IsReadHoweverItIsWritten(string header)
    {
        AuthenticationChallenge challenge = Assert.Single(AuthenticationChallenge.Parse(header));
        Assert.True(challenge.Is("Bearer"));
        Assert.Equal("https://auth.example/token", challenge["realm"]);
        Assert.Equal("registry.example", challenge["service"]);
        Assert.Equal("repository:a/b:pull,push", challenge["scope"]);
    }

    [Fact]
    public void SeveralChallenges_AreTold()
    {
        IReadOnlyList<AuthenticationChallenge> challenges = AuthenticationChallenge.Parse("Negotiate, Basic realm=\"a, b\", Bearer realm=\"x\",service=\"say \\\"y\\\"\"");
        Assert.Equal(["Negotiate", "Basic", "Bearer"], challenges.Select(challenge => challenge.Scheme));
        Assert.Equal("a, b", challenges[1]["realm"]);
        Assert.Equal("say \"y\"", challenges[2]["service"]);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(" ,, ", 0)]
    [InlineData("Bearer", 1)]
    [InlineData("Bearer realm=\"never ends", 1)]
    [InlineData("Bearer realm=", 1)]
    [InlineData("Bearer realm=\"\\", 1)]
    [InlineData("=\"x\"", 1)]
    public void Nonsense_DoesNoHarm(string header, int count) => Assert.Equal(count, AuthenticationChallenge.Parse(header).Count);
}
