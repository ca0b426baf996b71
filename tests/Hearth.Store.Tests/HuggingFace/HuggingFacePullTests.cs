using System.Collections.Concurrent;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;
using Hearth.Store.Tests.Fakes;
using Hearth.Store.Transfer;
using Microsoft.AspNetCore.Http;

namespace Hearth.Store.Tests.HuggingFace;

public sealed class HuggingFacePullTests : IAsyncLifetime
{
    private const string Q4 = "Repo-Q4_K_M.gguf";
    private readonly TemporaryFolder _folder = new();
    private FakeHuggingFace _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await FakeHuggingFace.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Model_IsStoredWithWhatLiesBesideIt()
    {
        byte[] weights = _hub.Add(Q4, TestGguf.Make());
        _hub.Add("Repo-Q8_0.gguf", TestGguf.Make(seed: 2, padding: 10));
        byte[] projector = _hub.Add("mmproj-Repo-f16.gguf", TestGguf.Make("mmproj"));
        _hub.Add("mmproj-Repo-Q8_0.gguf", TestGguf.Make("mmproj", 3));
        _hub.Add("chat_template.jinja", "{{ messages }}");
        _hub.Add("LICENSE", "Do what you like.");
        _hub.Add("README.md", "# Repo");
        ModelStore store = OpenStore();

        PullResult result = await PullAsync(store, "hf.co/Owner/Repo-GGUF");

        Assert.False(result.WasCached);
        Assert.Equal("hf.co/Owner/Repo-GGUF", Assert.Single(result.Model.References).ToString());
        Assert.Equal(_hub.LastModified, result.Model.Facts.Created);
        Assert.Equal(PackageFormat.Docker, result.Model.Facts.Package);
        ModelContent content = store.Open(store.Get("hf.co/Owner/Repo-GGUF"));
        Assert.Equal(weights, File.ReadAllBytes(Assert.Single(content.Weights)));
        Assert.Equal(projector, File.ReadAllBytes(content.Projector!));
        Assert.Equal(new PackagedTemplate(TemplateLanguage.Jinja, "{{ messages }}"), content.Template);
        Assert.Equal(["Do what you like."], content.Licenses);
        Assert.DoesNotContain(_hub.Requests, request => request.Path.Contains("README", StringComparison.Ordinal) || request.Path.Contains("Q8_0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SameContent_HasTheSameId_InAnotherStore()
    {
        _hub.Add(Q4, TestGguf.Make());
        _hub.Add("LICENSE", "Do what you like.");
        using TemporaryFolder other = new();
        PullResult first = await PullAsync(OpenStore(), "hf.co/Owner/Repo-GGUF");
        PullResult second = await PullAsync(OpenStore(folder: other), "hf.co/owner/repo-gguf:q4_k_m");
        Assert.Equal(first.Model.Id, second.Model.Id);
    }

    [Fact]
    public async Task SecondPull_FetchesNoFiles()
    {
        _hub.Add(Q4, TestGguf.Make());
        _hub.Add("chat_template.jinja", "{{ messages }}");
        _hub.Add("LICENSE", "Do what you like.");
        ModelStore store = OpenStore();
        PullResult first = await PullAsync(store, "hf.co/Owner/Repo-GGUF:Q4_K_M");
        int files = _hub.Count("GET", "/resolve/");
        Recorder progress = new();

        PullResult second = await PullAsync(store, "hf.co/Owner/Repo-GGUF:Q4_K_M", progress: progress);

        Assert.True(second.WasCached);
        Assert.Equal(0, second.DownloadedBytes);
        Assert.Equal(first.Model.Id, second.Model.Id);
        Assert.Equal(3, files);
        Assert.Equal(files, _hub.Count("GET", "/resolve/"));
        Assert.Equal(3, progress.Count(report => report.Stage == TransferStage.LayerCached));
    }

    [Fact]
    public async Task ChangedText_IsFetchedAlone()
    {
        _hub.Add(Q4, TestGguf.Make());
        _hub.Add("LICENSE", "Do what you like.");
        ModelStore store = OpenStore();
        PullResult first = await PullAsync(store, "hf.co/Owner/Repo-GGUF");
        _hub.Add("LICENSE", "Do what we like.");

        PullResult second = await PullAsync(store, "hf.co/Owner/Repo-GGUF");

        Assert.False(second.WasCached);
        Assert.Equal("Do what we like.".Length, second.DownloadedBytes);
        Assert.NotEqual(first.Model.Id, second.Model.Id);
        Assert.Equal(["Do what we like."], store.Open(second.Model).Licenses);
        Assert.Equal(1, _hub.Count("GET", Q4));
    }

    [Fact]
    public async Task Progress_NamesFilesAndNeverGoesBack()
    {
        byte[] weights = _hub.Add(Q4, TestGguf.Make(padding: 300_000));
        _hub.Add("LICENSE", "Do what you like.");
        Recorder progress = new();

        await PullAsync(OpenStore(), "hf.co/Owner/Repo-GGUF", progress: progress);

        TransferProgress[] layer = [.. progress.Where(report => report.LayerName == Q4)];
        Assert.All(layer, report => Assert.Equal((Digest.Of(weights), weights.Length, weights.Length + 17), (report.Layer, report.LayerSize, report.Total)));
        Assert.Equal(layer.Select(report => report.LayerDone).Order(), layer.Select(report => report.LayerDone));
        Assert.Equal((TransferStage.LayerDone, weights.Length), (layer[^1].Stage, layer[^1].LayerDone));
        Assert.Contains(progress, report => report is { LayerName: "LICENSE", Stage: TransferStage.LayerDone });
        Assert.Equal(TransferStage.Finishing, progress.Last().Stage);
    }

    [Fact]
    public async Task SplitModel_KeepsItsOrder()
    {
        byte[][] parts = [.. Enumerable.Range(1, 5).Select(part => _hub.Add($"Q4_K_M/Repo-Q4_K_M-{part:D5}-of-00005.gguf", TestGguf.Make(padding: 1000 * (6 - part), seed: part)))];
        ModelStore store = OpenStore();
        PullResult result = await PullAsync(store, "hf.co/Owner/Repo-GGUF:Q4_K_M");
        Assert.Equal(parts, store.Open(result.Model).Weights.Select(File.ReadAllBytes));
    }

    [Fact]
    public async Task Tree_IsReadToItsEnd()
    {
        for (int i = 0; i < 25; i++)
        {
            _hub.Add($"a{i:D2}.txt", "text");
        }

        _hub.Add("z/Repo ü-Q4_K_M.gguf", TestGguf.Make());
        _hub.PageSize = 10;
        await PullAsync(OpenStore(), "hf.co/Owner/Repo-GGUF:Q4_K_M");
        Assert.Equal(3, _hub.Count("GET", "/tree/"));
    }

    [Fact]
    public async Task TreeWithoutEnd_IsRefused()
    {
        _hub.Intercept = context => RespondAsync(context, "/tree/", response =>
        {
            response.Headers.Link = $"<{_hub.Address}api/models/Owner/Repo-GGUF/tree/{FakeHuggingFace.Commit}?cursor=1>; rel=\"next\"";
            return response.WriteAsync("""[{"type":"file","path":"m-Q4_0.gguf","size":1,"oid":"0"}]""");
        });
        await AssertFailsAsync(RegistryErrorKind.Invalid, "on more than 100 pages");
    }

    [Fact]
    public async Task NextPageElsewhere_IsRefused()
    {
        await using FakeServer other = await FakeServer.StartAsync(context => context.Response.WriteAsync("[]"));
        _hub.Intercept = context => RespondAsync(context, "/tree/", response =>
        {
            response.Headers.Link = $"<{other.Address}api>; rel=\"next\"";
            return response.WriteAsync("[]");
        });
        await AssertFailsAsync(RegistryErrorKind.Refused, "another place");
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("../x-Q4_K_M.gguf")]
    [InlineData("/etc/x-Q4_K_M.gguf")]
    [InlineData("a\\..\\x-Q4_K_M.gguf")]
    [InlineData("C:/../x-Q4_K_M.gguf")]
    public async Task PathsThatLeadElsewhere_AreNoFiles(string path)
    {
        _hub.List(path, 3, "0", Digest.Of("abc"u8).Hex);
        _hub.Add("Repo-Q8_0.gguf", TestGguf.Make());
        RegistryException exception = await AssertFailsAsync(RegistryErrorKind.NotFound, "it has Q8_0.", "hf.co/Owner/Repo-GGUF:Q4_K_M");
        Assert.DoesNotContain("x-Q4_K_M", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, _hub.Count("GET", "/resolve/"));
    }

    [Fact]
    public async Task PathOfTenThousandCharacters_IsNoFile()
    {
        _hub.List(new string('a', 10_000) + "-Q4_K_M.gguf", 3, "0", Digest.Of("abc"u8).Hex);
        _hub.Add("Repo-Q8_0.gguf", TestGguf.Make());
        ModelStore store = OpenStore();
        PullResult result = await PullAsync(store, "hf.co/Owner/Repo-GGUF");
        Assert.Single(store.Open(result.Model).Weights);
    }

    [Fact]
    public async Task Revision_IsResolvedOnce()
    {
        _hub.Revisions["refs/pr/1"] = FakeHuggingFace.Commit;
        _hub.Add(Q4, TestGguf.Make());
        ModelStore store = OpenStore();
        PullResult result = await PullAsync(store, "hf.co/Owner/Repo-GGUF:Q4_K_M@refs/pr/1");
        Assert.Equal("hf.co/Owner/Repo-GGUF:Q4_K_M@refs/pr/1", Assert.Single(result.Model.References).ToString());
        Assert.Single(_hub.Requests, request => request.Path.Contains("/revision/", StringComparison.Ordinal));
        Assert.All(_hub.Requests.Skip(1), request => Assert.Contains(FakeHuggingFace.Commit, request.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task UnknownRevision_IsNamed() =>
        await AssertFailsAsync(RegistryErrorKind.NotFound, "no branch, tag or commit 'v9'", "hf.co/Owner/Repo-GGUF@v9");

    [Fact]
    public async Task NameInAnotherCase_IsStoredAsHuggingFaceSpellsIt()
    {
        _hub.Add(Q4, TestGguf.Make());
        ModelStore store = OpenStore();
        PullResult result = await PullAsync(store, "hf.co/owner/REPO-gguf:Q4_K_M");
        Assert.Equal("hf.co/Owner/Repo-GGUF:Q4_K_M", Assert.Single(result.Model.References).ToString());
        Assert.Equal(result.Model.Id, store.Find("hf.co/OWNER/repo-gguf:q4_k_m")?.Id);
    }

    [Fact]
    public async Task RenamedRepository_IsStoredAsItWasAskedFor()
    {
        _hub.Add(Q4, TestGguf.Make());
        _hub.Intercept = context =>
        {
            string path = context.Request.Path.Value!;
            bool isOld = path.Contains("Old/Name", StringComparison.Ordinal);
            if (isOld)
            {
                context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
                context.Response.Headers.Location = path.Replace("Old/Name", _hub.Repository, StringComparison.Ordinal);
            }

            return Task.FromResult(isOld);
        };
        ModelStore store = OpenStore();
        await PullAsync(store, "hf.co/Old/Name");
        Assert.NotNull(store.Find("hf.co/Old/Name"));
    }

    [Fact]
    public async Task Token_IsSentToHuggingFaceOnly()
    {
        await using FakeServer cdn = await FakeServer.StartAsync(context => _hub.SendFileAsync(context, Uri.UnescapeDataString(context.Request.Path.Value!["/cdn/".Length..])));
        _hub.Cdn = cdn;
        _hub.FileToken = "hf_secret";
        byte[] weights = _hub.Add(Q4, TestGguf.Make(padding: 100_000));
        ModelStore store = OpenStore(options => options with { HuggingFaceToken = "hf_other" });

        PullResult result = await PullAsync(store, "hf.co/Owner/Repo-GGUF", new TransferOptions { Token = "hf_secret" });

        Assert.Equal(weights, File.ReadAllBytes(store.Open(result.Model).Weights[0]));
        Assert.All(_hub.Requests, request => Assert.Equal("Bearer hf_secret", request.Authorization));
        Assert.NotEmpty(cdn.Requests);
        Assert.All(cdn.Requests, request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task TokenFile_IsUsedWhereNothingElseHasOne()
    {
        _hub.Add(Q4, TestGguf.Make());
        File.WriteAllText(_folder["token"], "hf_file\n");
        await PullAsync(OpenStore(options => options with { HuggingFaceTokenFile = _folder["token"] }), "hf.co/Owner/Repo-GGUF");
        Assert.All(_hub.Requests, request => Assert.Equal("Bearer hf_file", request.Authorization));
    }

    [Fact]
    public async Task TokenFileThatIsNotThere_IsNone()
    {
        _hub.Add(Q4, TestGguf.Make());
        await PullAsync(OpenStore(options => options with { HuggingFaceTokenFile = _folder["none"] }), "hf.co/Owner/Repo-GGUF");
        Assert.All(_hub.Requests, request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task TokenWithALineBreakInside_IsRefusedAndNotShown()
    {
        RegistryException exception = await AssertFailsAsync(RegistryErrorKind.Unauthorized, "HF_TOKEN", options: new TransferOptions { Token = "hf_a\r\nX: y" });
        Assert.DoesNotContain("hf_a", exception.Message, StringComparison.Ordinal);
        Assert.Empty(_hub.Requests);
    }

    [Fact]
    public async Task Token_IsNotSentWithoutEncryption()
    {
        ModelStore store = OpenStore(options => options with { HuggingFace = new Uri("http://hub.example"), HuggingFaceToken = "hf_secret" });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(store, "hf.co/Owner/Repo-GGUF"));
        Assert.Equal(RegistryErrorKind.Refused, exception.Kind);
        Assert.DoesNotContain("hf_secret", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "accept the conditions at")]
    [InlineData("hf_wrong", "gives no access yet")]
    public async Task GatedRepository_SaysWhatToDo(string? token, string expected)
    {
        _hub.Add(Q4, TestGguf.Make());
        _hub.Gated = "manual";
        _hub.FileToken = "hf_right";
        RegistryException exception = await AssertFailsAsync(RegistryErrorKind.Unauthorized, expected, options: new TransferOptions { Token = token });
        Assert.Contains($"{_hub.Address}Owner/Repo-GGUF", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_wrong", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GatedText_SaysWhatToDo()
    {
        _hub.Add("Repo-Q4_K_M.GGUF", TestGguf.Make());
        _hub.Gated = "auto";
        _hub.FileToken = "hf_right";
        await AssertFailsAsync(RegistryErrorKind.Unauthorized, "then set HF_TOKEN");
    }

    [Theory]
    [InlineData(401, null, null, RegistryErrorKind.Unauthorized, "asks for a token for 'Owner/Repo-GGUF'")]
    [InlineData(401, null, "hf_x", RegistryErrorKind.Unauthorized, "does not accept the token")]
    [InlineData(401, "RepoNotFound", null, RegistryErrorKind.NotFound, "or it is private; for one of your own set HF_TOKEN")]
    [InlineData(401, "GatedRepo", null, RegistryErrorKind.Unauthorized, "is gated: accept the conditions")]
    [InlineData(403, "GatedRepo", "hf_x", RegistryErrorKind.Unauthorized, "gives no access yet")]
    [InlineData(403, null, "hf_x", RegistryErrorKind.Unauthorized, "refuses access to 'Owner/Repo-GGUF' with this token")]
    [InlineData(404, null, null, RegistryErrorKind.NotFound, "no repository 'Owner/Repo-GGUF', or it is private")]
    [InlineData(404, "RepoNotFound", "hf_x", RegistryErrorKind.NotFound, "the token does not give access")]
    [InlineData(400, null, null, RegistryErrorKind.Invalid, "400")]
    public async Task Refusal_SaysWhy(int status, string? code, string? token, RegistryErrorKind kind, string expected)
    {
        _hub.Intercept = context =>
        {
            context.Response.StatusCode = status;
            if (code is not null)
            {
                context.Response.Headers["X-Error-Code"] = code;
            }

            return Task.FromResult(true);
        };
        RegistryException exception = await AssertFailsAsync(kind, expected, options: new TransferOptions { Token = token });
        Assert.DoesNotContain("hf_x", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TooManyRequests_AreTriedAgainLater()
    {
        _hub.Add(Q4, TestGguf.Make());
        ConcurrentDictionary<string, bool> refused = new();
        _hub.Intercept = context =>
        {
            bool isFirst = refused.TryAdd(context.Request.Path.Value!, true);
            if (isFirst)
            {
                context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                context.Response.Headers.RetryAfter = "0";
            }

            return Task.FromResult(isFirst);
        };
        Recorder progress = new();
        PullResult result = await PullAsync(OpenStore(), "hf.co/Owner/Repo-GGUF", progress: progress);
        Assert.False(result.WasCached);
        Assert.Equal(3, progress.Count(report => report.Stage == TransferStage.Retrying));
    }

    [Fact]
    public async Task TooManyRequestsForAnHour_AreNotWaitedFor()
    {
        _hub.Intercept = context => RespondAsync(context, "/api/", response =>
        {
            response.StatusCode = StatusCodes.Status429TooManyRequests;
            response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        });
        RegistryException exception = await AssertFailsAsync(RegistryErrorKind.RateLimited, "429");
        Assert.Equal(TimeSpan.FromHours(1), exception.RetryAfter);
        Assert.Single(_hub.Requests);
    }

    [Fact]
    public async Task CutDownload_GoesOnWhereItWas()
    {
        byte[] weights = _hub.Add(Q4, TestGguf.Make(padding: 1_000_000));
        _hub.Fault = new BlobFault { CutAfter = 300_000 };
        ModelStore store = OpenStore();

        PullResult result = await PullAsync(store, "hf.co/Owner/Repo-GGUF");

        Assert.Equal(weights, File.ReadAllBytes(store.Open(result.Model).Weights[0]));
        Assert.Equal(weights.Length, result.DownloadedBytes);
        Assert.Contains(_hub.Requests, request => request.Range is not null);
    }

    [Fact]
    public async Task PullThatWasGivenUp_GoesOnInTheNext()
    {
        byte[] weights = _hub.Add(Q4, TestGguf.Make(padding: 5_000_000));
        ModelStore store = OpenStore();
        using CancellationTokenSource stop = new();
        Recorder progress = new(report =>
        {
            if (report.LayerDone > 1_000_000)
            {
                stop.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.PullAsync(ModelReference.Parse("hf.co/Owner/Repo-GGUF"), progress: progress, cancellationToken: stop.Token));
        Assert.Empty(store.List());

        PullResult result = await PullAsync(store, "hf.co/Owner/Repo-GGUF");

        Assert.Equal(weights, File.ReadAllBytes(store.Open(result.Model).Weights[0]));
        Assert.InRange(result.DownloadedBytes, 1, weights.Length - 1_000_000);
    }

    [Fact]
    public async Task WrongWeights_AreNotStored()
    {
        _hub.Add(Q4, TestGguf.Make(padding: 1000));
        _hub.Fault = new BlobFault { IsCorrupt = true };
        ModelStore store = OpenStore();
        await AssertFailsAsync(RegistryErrorKind.Invalid, "It was not stored", store: store);
        Assert.Empty(store.List());
        Assert.False(Directory.Exists(_folder["store/blobs/sha256"]) && Directory.EnumerateFiles(_folder["store/blobs/sha256"]).Any());
    }

    [Fact]
    public async Task WrongText_IsNotStored()
    {
        _hub.Add(Q4, TestGguf.Make());
        _hub.Add("LICENSE", "Do what you like.");
        _hub.Intercept = context => RespondAsync(context, "/LICENSE", response => response.WriteAsync("Do what WE like.."));
        await AssertFailsAsync(RegistryErrorKind.Invalid, "sends the Git object");
    }

    [Theory]
    [InlineData("Do what you like, please.", "expected at most 17 bytes")]
    [InlineData("Do.", "sends 3 bytes; expected 17")]
    public async Task TextOfAnotherLength_IsNotStored(string text, string expected)
    {
        _hub.Add(Q4, TestGguf.Make());
        _hub.Add("LICENSE", "Do what you like.");
        _hub.Intercept = context => RespondAsync(context, "/LICENSE", response => response.WriteAsync(text));
        await AssertFailsAsync(RegistryErrorKind.Invalid, expected);
    }

    [Fact]
    public async Task SmallWeightsOutsideOfLfs_AreVerifiedByTheirGitObject()
    {
        byte[] weights = _hub.Add("Repo-Q4_K_M.GGUF", TestGguf.Make());
        ModelStore store = OpenStore();
        PullResult result = await PullAsync(store, "hf.co/Owner/Repo-GGUF");
        Assert.Equal(weights, File.ReadAllBytes(store.Open(result.Model).Weights[0]));
    }

    [Fact]
    public async Task LargeWeightsOutsideOfLfs_AreRefused()
    {
        _hub.List(Q4, 10_000_000_000, "0", null);
        await AssertFailsAsync(RegistryErrorKind.Invalid, "Git LFS");
        Assert.Equal(0, _hub.Count("GET", "/resolve/"));
    }

    [Fact]
    public async Task SizeThatDoesNotFit_IsToldBeforeAnythingIsFetched()
    {
        _hub.List("a-Q4_K_M-00001-of-00002.gguf", 1L << 45, "0", Digest.Of("a"u8).Hex);
        _hub.List("a-Q4_K_M-00002-of-00002.gguf", 1L << 45, "0", Digest.Of("b"u8).Hex);
        StoreException exception = await Assert.ThrowsAsync<StoreException>(() => PullAsync(OpenStore(), "hf.co/Owner/Repo-GGUF"));
        Assert.Equal(StoreErrorKind.DiskFull, exception.Kind);
        Assert.Equal(0, _hub.Count("GET", "/resolve/"));
    }

    [Fact]
    public async Task TwoPullsOfTheSame_AreOne()
    {
        byte[] weights = _hub.Add(Q4, TestGguf.Make(padding: 3_000_000));
        ModelStore store = OpenStore();
        PullResult[] results = await Task.WhenAll(PullAsync(store, "hf.co/Owner/Repo-GGUF"), PullAsync(store, "hf.co/Owner/Repo-GGUF:Q4_K_M"));
        Assert.Equal(results[0].Model.Id, results[1].Model.Id);
        Assert.Equal(weights.Length, _hub.SentBytes);
        Assert.Equal(2, Assert.Single(store.List()).References.Count);
    }

    [Fact]
    public async Task Repository_HasNoManifestToInspect()
    {
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(
            () => OpenStore().InspectRemoteAsync(ModelReference.Parse("hf.co/Owner/Repo-GGUF"), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(RegistryErrorKind.Refused, exception.Kind);
        Assert.Empty(_hub.Requests);
    }

    [Theory]
    [InlineData("adapter", "is a LoRA adapter, not the weights")]
    [InlineData("mmproj", "is a projector, not the weights")]
    public async Task AnotherTypeOfGguf_IsNoModel(string type, string expected)
    {
        _hub.Add(Q4, TestGguf.Make(type));
        ModelStore store = OpenStore();
        await AssertFailsAsync(RegistryErrorKind.Invalid, expected, store: store);
        Assert.Empty(store.List());
    }

    [Fact]
    public async Task FileThatIsNoGguf_IsAnError()
    {
        _hub.Add(Q4, "no weights at all");
        await AssertFailsAsync(RegistryErrorKind.Invalid, "'Owner/Repo-GGUF' has no such model: 'Repo-Q4_K_M.gguf' is no GGUF file that can be read: no GGUF magic");
    }

    [Fact]
    public async Task RepositoryWithoutGguf_IsUnsupported()
    {
        _hub.Add("model.safetensors", "weights");
        ManifestException exception = await Assert.ThrowsAsync<ManifestException>(() => PullAsync(OpenStore(), "hf.co/Owner/Repo-GGUF"));
        Assert.True(exception.IsUnsupported);
        Assert.Contains("hearth convert", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"sha\":\"../../x\",\"lastModified\":\"2026-01-01T00:00:00Z\"}")]
    [InlineData("{\"sha\":7}")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task BrokenAnswer_IsInvalid(string answer)
    {
        _hub.Intercept = context => RespondAsync(context, "/revision/", response => response.WriteAsync(answer));
        await AssertFailsAsync(RegistryErrorKind.Invalid, string.Empty);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{\"type\":\"file\",\"path\":\"a.gguf\",\"size\":\"many\"}]")]
    [InlineData("[")]
    public async Task BrokenTree_IsInvalid(string answer)
    {
        _hub.Intercept = context => RespondAsync(context, "/tree/", response => response.WriteAsync(answer));
        await AssertFailsAsync(RegistryErrorKind.Invalid, "sends no valid answer");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("[{\"type\":\"file\",\"path\":\"a.gguf\",\"size\":-1,\"oid\":\"0\"}]")]
    [InlineData("[{\"type\":\"file\",\"path\":\"a.gguf\",\"size\":9223372036854775807,\"oid\":\"0\"}]")]
    [InlineData("[{\"type\":\"file\",\"path\":\"a.gguf\",\"size\":1}]")]
    [InlineData("[{\"type\":\"file\",\"path\":\"a.gguf\",\"size\":1,\"lfs\":{\"oid\":\"abc\",\"size\":1}}]")]
    [InlineData("[{\"type\":\"directory\",\"path\":\"a.gguf\",\"size\":1,\"oid\":\"0\"}]")]
    public async Task EntriesThatMakeNoSense_AreNoFiles(string answer)
    {
        _hub.Intercept = context => RespondAsync(context, "/tree/", response => response.WriteAsync(answer));
        await Assert.ThrowsAsync<ManifestException>(() => PullAsync(OpenStore(), "hf.co/Owner/Repo-GGUF"));
    }

    private static async Task<bool> RespondAsync(HttpContext context, string pathPart, Func<HttpResponse, Task> respond)
    {
        bool isIt = context.Request.Path.Value!.Contains(pathPart, StringComparison.Ordinal);
        if (isIt)
        {
            await respond(context.Response);
        }

        return isIt;
    }

    private static Task<PullResult> PullAsync(ModelStore store, string reference, TransferOptions? options = null, IProgress<TransferProgress>? progress = null) =>
        store.PullAsync(ModelReference.Parse(reference), options, progress, TestContext.Current.CancellationToken);

    private ModelStore OpenStore(Func<RegistryOptions, RegistryOptions>? change = null, TemporaryFolder? folder = null)
    {
        RegistryOptions registries = new() { HuggingFace = _hub.Address, Retries = 2, RetryDelay = TimeSpan.FromMilliseconds(1), DockerConfigFolder = _folder["docker"] };
        return new ModelStore((folder ?? _folder)["store"], new ModelStoreOptions { ReadGguf = TestGguf.Read, Registries = change?.Invoke(registries) ?? registries });
    }

    private async Task<RegistryException> AssertFailsAsync(
        RegistryErrorKind kind, string expected, string reference = "hf.co/Owner/Repo-GGUF", TransferOptions? options = null, ModelStore? store = null)
    {
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(store ?? OpenStore(), reference, options));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Equal(kind, exception.Kind);
        return exception;
    }

    /// <summary>Keeps what it is told.</summary>
    private sealed class Recorder(Action<TransferProgress>? onReport = null) : ConcurrentQueue<TransferProgress>, IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            Enqueue(value);
            onReport?.Invoke(value);
        }
    }
}
