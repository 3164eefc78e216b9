import { _, Name, type CodeKeywordDefinition } from 'ajv';
import { Type } from 'ajv/dist/compile/util.js';

/**
 * `unevaluatedItems` that also works where it is known only at run time how many items were evaluated; ajv's own takes
 * "none" and "all" for numbers there.
 */
export const unevaluatedItemsKeyword: CodeKeywordDefinition = {
  keyword: 'unevaluatedItems',
  type: 'array',
  schemaType: ['boolean', 'object'],
  error: { message: 'must NOT have unevaluated items' },
  code(cxt) {
    const { gen, data, it } = cxt;
    const evaluated = it.items;
    if (evaluated === true) return;
    const length = gen.const('len', _`${data}.length`);
    const from =
      evaluated instanceof Name
        ? gen.const('from', _`${evaluated} === true ? ${length} : ${evaluated} || 0`)
        : (evaluated ?? 0);
    const valid = gen.var('valid', true);
    gen.forRange('i', from, length, (i) => {
      cxt.subschema({ keyword: 'unevaluatedItems', dataProp: i, dataPropType: Type.Num }, valid);
      if (!it.allErrors) gen.if(_`!${valid}`, () => gen.break());
    });
    cxt.ok(valid);
    it.items = true;
  },
};
