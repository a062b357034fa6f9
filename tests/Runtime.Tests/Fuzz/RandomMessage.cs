using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>Messages of any type, with values that no client would send: nonsense that is refused at the door finds nothing, so most of it names what there is.</summary>
internal sealed class RandomMessage(Random random, string[] components, params string[] others)
{
    private const int MaxDepth = 4;

    public IMessage Create(MessageDescriptor type, int depth = 0)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (random.Next(4) == 0 || (depth >= MaxDepth && field.FieldType == FieldType.Message))
                continue;
            if (field.IsMap)
            {
                var (key, value) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
                for (var count = random.Next(3); count > 0; count--)
                    ((IDictionary)field.Accessor.GetValue(message))[Value(key, depth)] = Value(value, depth);
            }
            else if (field.IsRepeated)
            {
                for (var count = random.Next(3); count > 0; count--)
                    ((IList)field.Accessor.GetValue(message)).Add(Value(field, depth));
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, depth));
            }
        }
        return message;
    }

    private object Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.Message => Message(field.MessageType, depth),
        FieldType.String => Text(field.Name),
        FieldType.Bytes => ByteString.CopyFrom(random.Next(3) == 0 ? WrongJson.Create(random) : Scraps.Bytes(random, 50)),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Double => random.GetItems([double.NaN, double.PositiveInfinity, -1e308, 0.5], 1)[0],
        FieldType.Float => random.GetItems([float.NaN, float.PositiveInfinity, 0.5f], 1)[0],
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => unchecked((int)Scraps.Number(random)),
        FieldType.UInt32 or FieldType.Fixed32 => unchecked((uint)Scraps.Number(random)),
        FieldType.UInt64 or FieldType.Fixed64 => unchecked((ulong)Scraps.Number(random)),
        FieldType.Enum => random.Next(3) == 0 ? unchecked((int)Scraps.Number(random)) : random.GetItems(field.EnumType.Values.ToArray(), 1)[0].Number,
        _ => Scraps.Number(random),
    };

    /// <summary>Wrapped values such as StringValue are plain ones to the accessors.</summary>
    private object Message(MessageDescriptor type, int depth) =>
        type.File.Name == "google/protobuf/wrappers.proto" ? Value(type.FindFieldByNumber(1), depth) : Create(type, depth + 1);

    private string Text(string field) => random.Next(3) == 0
        ? Scraps.Text(random)
        : random.GetItems(field.Contains("name", StringComparison.OrdinalIgnoreCase) ? components : others, 1)[0];
}
