const   inventory=[{name:'bolt',count:12,price:0.25},{name:"nut",count:40,price:.1},
  {name:'gear',count:3,price:14}]
function total(items){return items.reduce((sum,{count,price})=>sum+count*price,0)}
const cheap=inventory.filter(item=>item.price<1).map(({name})=>name.toUpperCase()).sort((a,b)=>a<b?-1:1)
if(total(inventory)>40){console.log(`total ${total(inventory).toFixed(2)}`,cheap)}else{console.log('little')}
export{total,cheap}
