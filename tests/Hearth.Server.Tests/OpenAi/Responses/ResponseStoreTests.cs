using Hearth.Server.OpenAi.Responses;
using Hearth.Server.Tests.Hosting;

namespace Hearth.Server.Tests.OpenAi.Responses;

/// <summary>What is kept, and for how long.</summary>
public sealed class ResponseStoreTests : IDisposable
{
    private readonly ManualTime _time = new();
    private ResponseStore? _store;

    public void Dispose() => _store?.Dispose();

    [Fact]
    public void Response_GoesAfterItsTime()
    {
        ResponseStore store = Create(new ResponseStoreOptions { Lifetime = TimeSpan.FromHours(1) });
        store.Add(Response("a"));
        _time.Advance(TimeSpan.FromMinutes(59));
        store.Add(Response("b"));

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(store.Find("a", null));
        Assert.NotNull(store.Find("b", null));
    }

    [Fact]
    public void Use_BeginsTheTimeAnew()
    {
        ResponseStore store = Create(new ResponseStoreOptions { Lifetime = TimeSpan.FromHours(1) });
        store.Add(Response("a"));
        _time.Advance(TimeSpan.FromMinutes(59));

        Assert.NotNull(store.Find("a", null));
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.NotNull(store.Find("a", null));
    }

    [Fact]
    public void TimeAlone_FreesTheMemory()
    {
        ResponseStore store = Create(new ResponseStoreOptions { Lifetime = TimeSpan.FromHours(1) });
        store.Add(Response("a"));
        _time.Advance(TimeSpan.FromMinutes(30));
        store.Add(Response("b"));
        Assert.True(store.Bytes > 1000);

        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(Response("b").Bytes, store.Bytes);
        Assert.True(_time.HasTimerIn(TimeSpan.FromMinutes(30)));
        _time.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal(0, store.Bytes);
        Assert.False(_time.HasTimerIn(TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Bytes_AreBoundedAndTheLeastUsedGoes()
    {
        ResponseStore store = Create(new ResponseStoreOptions { MaxBytes = Response("a").Bytes * 2 });
        store.Add(Response("a"));
        store.Add(Response("b"));
        store.Find("a", null);

        store.Add(Response("c"));

        Assert.NotNull(store.Find("a", null));
        Assert.Null(store.Find("b", null));
        Assert.NotNull(store.Find("c", null));
        Assert.Equal(Response("a").Bytes * 2, store.Bytes);
    }

    [Fact]
    public void Count_IsBounded()
    {
        ResponseStore store = Create(new ResponseStoreOptions { MaxCount = 2 });

        foreach (string id in (string[])["a", "b", "c"])
        {
            store.Add(Response(id));
        }

        Assert.Null(store.Find("a", null));
        Assert.NotNull(store.Find("b", null));
    }

    [Fact]
    public void TooLargeAResponse_IsNotKept()
    {
        ResponseStore store = Create(new ResponseStoreOptions { MaxBytes = 100 });

        store.Add(Response("a"));

        Assert.Null(store.Find("a", null));
        Assert.Equal(0, store.Bytes);
    }

    [Fact]
    public void Owner_IsTheOnlyOneWhoFindsIt()
    {
        ResponseStore store = Create(new ResponseStoreOptions());
        store.Add(Response("a", owner: "one"));

        Assert.Null(store.Find("a", "two"));
        Assert.Null(store.Find("a", null));
        Assert.False(store.Remove("a", "two"));
        Assert.Null(new KeptItems(store, "two").Find("item of a"));
        Assert.Equal("item of a", new KeptItems(store, "one").Find("item of a")?.Id);
        Assert.NotNull(store.Find("a", "one"));
        Assert.True(store.Remove("a", "one"));
        Assert.False(store.Remove("a", "one"));
    }

    [Fact]
    public void History_OutlivesTheResponsesThatItIsOf()
    {
        ResponseStore store = Create(new ResponseStoreOptions());
        StoredResponse first = Response("a");
        store.Add(first);
        StoredResponse second = Response("b", previous: first);
        store.Add(second);
        store.Add(Response("c", previous: second));
        long all = store.Bytes;

        store.Remove("a", null);
        store.Remove("b", null);

        Assert.Equal(all, store.Bytes);
        Assert.Equal(["item of a", "answer of a", "item of b", "answer of b", "item of c", "answer of c"], store.Find("c", null)!.History().Select(item => item.Id));
        Assert.Equal(["item of a", "answer of a", "item of b", "answer of b", "item of c"], store.Find("c", null)!.Input().Select(item => item.Id));
        store.Remove("c", null);
        Assert.Equal(0, store.Bytes);
    }

    [Fact]
    public void ResponseThatWentWhileItWasGoneOnFrom_IsCountedAgain()
    {
        ResponseStore store = Create(new ResponseStoreOptions());
        StoredResponse first = Response("a");
        store.Add(first);
        store.Remove("a", null);
        Assert.Equal(0, store.Bytes);

        StoredResponse second = Response("b", previous: first);
        store.Add(second);

        Assert.Equal(first.Bytes + second.Bytes, store.Bytes);
    }

    private ResponseStore Create(ResponseStoreOptions options) => _store = new ResponseStore(options, _time);

    private static StoredResponse Response(string id, string? owner = null, StoredResponse? previous = null)
    {
        ResponseItem question = new(ResponseItem.Message, $"item of {id}") { Role = "user", Content = [new ItemPart(ItemPart.InputText) { Text = "1+2?" }] };
        ResponseBody body = new(id, "model")
        {
            Metadata = TestServer.Parse("{}"),
            Output = [new ResponseItem(ResponseItem.Message, $"answer of {id}") { Role = "assistant", Content = [new ItemPart(ItemPart.OutputText) { Text = "3" }] }],
            Reasoning = new ReasoningBody(null, null),
            Text = new TextBody(TestServer.Parse("{}")),
            ToolChoice = TestServer.Parse("\"auto\""),
            Truncation = "disabled",
        };
        return new StoredResponse(body, owner, previous, [question]);
    }
}
