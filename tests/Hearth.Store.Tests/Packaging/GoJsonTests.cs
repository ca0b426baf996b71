using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Packaging;

namespace Hearth.Store.Tests.Packaging;

public sealed class GoJsonTests
{
    [Theory]
    [InlineData("""{ "b" : [ ], "a" : { }, "c" : [ 1 , true , null ] }""", """{"b":[],"a":{},"c":[1,true,null]}""")]
    [InlineData("""["<|end|>","a&b","it's","é👋","\u2028\u2029","\u007f"]""", "[\"\\u003c|end|\\u003e\",\"a\\u0026b\",\"it's\",\"é👋\",\"\\u2028\\u2029\",\"\u007f\"]")]
    [InlineData("""["\"\\\/","\n\r\t\b\f","\u0000\u001b"]""", """["\"\\/","\n\r\t\b\f","\u0000\u001b"]""")]
    [InlineData("[1.0,0.6,1e2,1e20,1e21,1.5e22,0.00001,0.0000012,1e-7,1.5e-10,-0.25,9007199254740993]", "[1,0.6,100,100000000000000000000,1e+21,1.5e+22,0.00001,0.0000012,1e-7,1.5e-10,-0.25,9007199254740993]")]
    public void Value_IsWrittenAsGoDoes(string json, string written) => Assert.Equal(written, Encoding.UTF8.GetString(GoJson.Encode(JsonNode.Parse(json)!)));

    [Fact]
    public void Float_IsWrittenByItsShortestDigits() =>
        Assert.Equal("[0.6,0.1,1]\n", Encoding.UTF8.GetString(GoJson.EncodeLine(new JsonArray(0.6f, 0.1f, 1f))));

    [Theory]
    [InlineData(0, "2025-01-02T03:04:05Z")]
    [InlineData(1234567, "2025-01-02T03:04:05.1234567Z")]
    [InlineData(1200000, "2025-01-02T03:04:05.12Z")]
    public void Time_IsWrittenAsGoDoes(int ticks, string written) =>
        Assert.Equal(written, GoJson.Time(new DateTimeOffset(2025, 1, 2, 5, 4, 5, TimeSpan.FromHours(2)).AddTicks(ticks)));
}
