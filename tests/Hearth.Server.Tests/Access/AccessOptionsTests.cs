using Hearth.Server.Access;

namespace Hearth.Server.Tests.Access;

public sealed class AccessOptionsTests
{
    [Fact]
    public void IsOpen_UntilThereIsAKey()
    {
        string folder = Directory.CreateTempSubdirectory("hearth-test-").FullName;
        try
        {
            ApiKeyStore keys = new(Path.Combine(folder, "keys.json"));

            Assert.True(new AccessOptions().IsOpen);
            Assert.True(new AccessOptions { Keys = keys }.IsOpen);
            Assert.False(new AccessOptions { Keys = keys, Key = "secret" }.IsOpen);
            keys.Create("me", null, DateTimeOffset.UnixEpoch);
            Assert.False(new AccessOptions { Keys = keys }.IsOpen);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
