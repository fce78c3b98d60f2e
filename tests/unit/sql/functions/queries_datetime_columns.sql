-- Patterns beyond strftime's and strptime's, many rows at a time.
date_format(x,'G y yy yyyyy M LLL d D DDD Q QQQ QQQQ E F a h K kk S SSSS SSSSSSSSS'), date_format(x,'VV z O OOOO X XX XXX XXXX x xxx Z ZZZZ ZZZZZ'), date_format(x,"''yy'o''clock'[HH]"), date_format(x,'VV'), date_format(x,'G') from values (timestamp'2021-07-04 15:06:07.123456'),(timestamp'2020-12-31 00:00:00'),(timestamp'1969-02-28 12:00:00.5'),(NULL) t(x)
date_format(x,y) from values (timestamp'2021-07-04 15:06:07','QQQ'),(timestamp'2021-07-04 15:06:07','yyyy'),(NULL,'yyyy'),(timestamp'2021-07-04 15:06:07',NULL) t(x,y)
try_to_timestamp(x,'dd/MM/yyyy hh:mm:ss a') from values ('04/07/2021 03:06:07 PM'),('04/07/2021 12:06:07 am'),('31/02/2021 01:00:00 AM'),('04/07/2021 13:00:00 PM'),('04/07/21 01:00:00 AM'),('04/07/2021 03:06:60 PM'),('x'),(NULL) t(x)
try_to_timestamp(x,"yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]") from values ('2021-07-04T15:06:07'),('2021-07-04T15:06:07.123'),('2021-07-04T15:06:07.5Z'),('2021-07-04T15:06:07+02:00'),('2021-07-04T15:06:07+0200'),('2021-07-04T24:06:07'),('+2021-07-04T15:06:07'),('2021-07-04t15:06:07z'),('2021-07-04T15:06:07-19:00') t(x)
try_to_date(x,"yyyy-MM-dd'T'HH:mm:ssXXX"), try_to_timestamp(x,"yyyy-MM-dd'T'HH:mm:ssXXX") from values ('2021-07-04T01:06:07Z'),('2021-07-04T01:06:07-08:00'),('2021-07-04T23:06:07-11:00') t(x)
try_to_date(x,'d MMM yyyy'), try_to_date(x,'dd-MMMM-yy'), try_to_date(x,'M/d/yyyy') from values ('4 Jul 2021'),('4 JUL 2021'),('31 Feb 2021'),('04-July-21'),('7/4/2021'),('13/4/2021'),('July 4') t(x)
try_to_date(x,'yyyy-DDD'), try_to_date(x,'yyyyMMdd'), try_to_timestamp(x,'yyyyMMddHHmmss') from values ('2020-366'),('2021-366'),('2021-000'),('2021-059'),('20210704'),('20210732'),('20210704150607') t(x)
try_to_timestamp(x,'M/d/yyyy K:mm a'), try_to_timestamp(x,'kk:mm yyyy-MM-dd') from values ('7/4/2021 0:06 PM'),('7/4/2021 12:06 PM'),('24:06 2021-07-04'),('00:06 2021-07-04') t(x)
try_to_timestamp(x,'yyyy-MM-dd HH:mm z'), try_to_timestamp(x,'yyyy-MM-dd HHmmZ'), try_to_timestamp(x,'yyyy-MM-dd HH:mm:ss.SX') from values ('2021-07-04 15:06 PST'),('2021-07-04 15:06 Europe/Paris'),('2021-07-04 15:06 +02'),('2021-07-04 15:06 Z'),('2021-07-04 1506+0200'),('2021-07-04 15:06:07.5Z'),('2021-07-04 15:06:07.5+02'),('2021-07-04 15:06:07.5+02:00') t(x)
to_timestamp('31 Feb 2021','d MMM yyyy')
to_timestamp('2021-07-04 xx','yyyy-MM-dd HH')
-- set spark.sql.ansi.enabled=false
unix_timestamp(x,'yyyy-MM-dd HH:mm:ss.SX'), to_timestamp_ntz(x,'yyyy-MM-dd HH:mm:ss.SX') from values ('1900-07-04 15:06:07.5Z'),('1969-12-31 23:59:59.5Z'),('1969-12-31 23:59:59.5+01'),('junk') t(x)
